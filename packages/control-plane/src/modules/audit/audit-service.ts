/** Use cases of the audit log: reading. Only the UnitOfWorkRunner writes it. */
import type { Page, PageRequest } from "../../db/page.js";
import type { Db } from "../../db/schema.js";
import type { AuditEntry } from "./audit-entry.js";
import { type AuditFilter, countAudit, findAuditEntry, findNewestAudit, pageAudit } from "./audit-store.js";

export class AuditService {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  find(id: string): Promise<AuditEntry | null> {
    return findAuditEntry(this.#db, id);
  }

  newest(filter: AuditFilter): Promise<AuditEntry | null> {
    return findNewestAudit(this.#db, filter);
  }

  page(filter: AuditFilter, request: PageRequest): Promise<Page<AuditEntry>> {
    return pageAudit(this.#db, filter, request);
  }

  count(filter: AuditFilter): Promise<number> {
    return countAudit(this.#db, filter);
  }
}
