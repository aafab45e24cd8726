/** Upgrades over PostgreSQL from every released schema, with rows in every table: nothing is lost. */
import { createLogger } from "@latchkey/observe";
import { hasPostgres, TestPostgres } from "@latchkey/testkit/postgres";
import { Kysely, sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fixture } from "../testing/fixture.js";
import {
  type AnyDb,
  contents,
  expectKept,
  expectUsable,
  grow,
  names,
  type Tables,
} from "../testing/upgrade-rows.js";
import { postgresDialect } from "./dialect-postgres.js";
import { migrate } from "./migrate.js";
import { openPostgres } from "./open-postgres.js";

const logger = createLogger({ name: "test", level: "silent" });

describe.skipIf(!hasPostgres())(
  "over PostgreSQL (needs Debian's postgresql package)",
  { timeout: 120_000 },
  () => {
    let server: TestPostgres;
    beforeAll(() => {
      server = new TestPostgres();
    }, 120_000);
    afterAll(() => server[Symbol.dispose](), 120_000);
    const connect = (log?: () => void): AnyDb =>
      new Kysely({
        dialect: postgresDialect({ url: server.url, logger }),
        ...(log === undefined ? {} : { log }),
      });

    async function old(name: string | null): Promise<Tables> {
      const db = connect();
      await sql`drop schema public cascade`.execute(db);
      await sql`create schema public`.execute(db);
      if (name !== null) await grow(db, "bytea", name);
      const before = await contents(db);
      await db.destroy();
      return before;
    }

    it.each(names)("opens a database of %s with everything in it", async (name) => {
      const before = await old(name);
      const db = await openPostgres({ url: server.url, logger });
      await using fixture = await Fixture.start({ db });
      expectKept(before, await contents(db as unknown as AnyDb));
      await expectUsable(fixture);
    });

    // A migration runs alike whichever came before it in the same start: the longest upgrades and the shortest one.
    it.each([null, names[0] as string, names.at(-2) as string])(
      "is whole when the server dies within the upgrade from %s",
      async (name) => {
        const statements = await (async () => {
          let count = 0;
          await old(name);
          const db = connect(() => {
            count += 1;
          });
          await migrate(db, { bytesType: "bytea" });
          await db.destroy();
          return count;
        })();
        // After the first, the middle one, and the last before the commit.
        for (const dieAfter of [1, Math.floor(statements / 2), statements - 1]) {
          const before = await old(name);
          let count = 0;
          const db = connect(() => {
            count += 1;
            if (count === dieAfter) server.stop();
          });
          await migrate(db, { bytesType: "bytea" }).catch(() => undefined);
          await db.destroy().catch(() => undefined);
          server.start();
          const opened = await openPostgres({ url: server.url, logger });
          expectKept(before, await contents(opened as unknown as AnyDb));
          expect((await opened.selectFrom("revision").selectAll().execute()).length).toBe(1);
          await opened.destroy();
        }
      },
    );
  },
);
