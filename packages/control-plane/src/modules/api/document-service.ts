/** Finds what an Api's document is made of, and has it rendered. */
import type { DocumentFormat } from "@latchkey/openapi";
import type { Db } from "../../db/schema.js";
import { readTransaction } from "../../db/transaction.js";
import type { DocumentVersion } from "./api-document.js";
import type { DocumentSources } from "./document-source.js";
import type { DocumentWriter } from "./document-writer.js";

export interface DocumentServiceDeps {
  readonly db: Db;
  readonly sources: DocumentSources;
  readonly documents: DocumentWriter;
}

export interface NamedDocument {
  readonly title: string;
  readonly text: string;
}

export class DocumentService {
  readonly #deps: DocumentServiceDeps;

  constructor(deps: DocumentServiceDeps) {
    this.#deps = deps;
  }

  /**
   * The document of an Api, or null when there is no such Api or key.
   *
   * @param keyId one of its keys: only what its scopes admit
   * @throws DocumentError when it cannot be written now
   */
  async document(
    apiId: string,
    version: DocumentVersion,
    format: DocumentFormat,
    keyId: string | null = null,
  ): Promise<NamedDocument | null> {
    const { db, sources, documents } = this.#deps;
    const found = await readTransaction(db, async (trx) => {
      const head = await sources.head(trx, apiId, keyId);
      if (head === null) return null;
      const { title } = head.api;
      const kept = documents.kept(head.state, version, format);
      return kept === null ? { title, source: await head.source() } : { title, kept };
    });
    if (found === null) return null;
    const { title, kept, source } = found;
    if (source === undefined) return { title, text: kept };
    const owner = source.input.api.subscriptionId;
    // Not in the transaction, which holds the only connection.
    return { title, text: await documents.write(source, version, format, owner) };
  }
}
