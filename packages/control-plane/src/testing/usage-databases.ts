/** For tests only: what usage is counted in, on both databases. */
import { createLogger } from "@latchkey/observe";
import { TestPostgres } from "@latchkey/testkit/postgres";
import { openPostgres } from "../db/open-postgres.js";
import type { Db } from "../db/schema.js";
import { Fixture } from "./fixture.js";

const TABLES = ["usage_series", "usage_rollup", "usage_gap", "usage_cursor"] as const;
const logger = createLogger({ name: "test", level: "silent" });

/** One server for the tests of a file; each fixture begins without usage. */
export class UsageDatabases implements Disposable {
  #postgres: TestPostgres | null = null;

  readonly all: readonly (readonly [name: string, start: () => Promise<Fixture>])[] = [
    ["SQLite", () => Fixture.start()],
    ["PostgreSQL", async () => Fixture.start({ db: await this.openPostgres() })],
  ];

  /** The server's database, without usage. */
  async openPostgres(): Promise<Db> {
    this.#postgres ??= new TestPostgres();
    const db = await openPostgres({ url: this.#postgres.url, logger });
    for (const table of TABLES) await db.deleteFrom(table).execute();
    return db;
  }

  [Symbol.dispose](): void {
    this.#postgres?.[Symbol.dispose]();
  }
}
