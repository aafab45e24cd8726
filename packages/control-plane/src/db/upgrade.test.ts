/**
 * Upgrades over SQLite from every released schema, with rows in every table: nothing is lost, and a process that is
 * killed at any statement of an upgrade leaves the old schema or a newer one, never something between.
 */
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "@latchkey/core";
import { Kysely, sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
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
import { APPLICATION_ID, openSqlite, sqliteDialect } from "./dialect-sqlite.js";
import { migrate } from "./migrate.js";
import { openDatabase } from "./open.js";

it("has rows for every table of the newest schema", async () => {
  const handle = openSqlite(":memory:", { mustExist: false });
  const db: AnyDb = new Kysely({ dialect: sqliteDialect(handle) });
  await grow(db, "blob", names.at(-1) as string);
  const empty = Object.entries(await contents(db)).filter(([, rows]) => rows.length === 0);
  await db.destroy();
  expect(empty.map(([table]) => table)).toEqual([]);
});

describe("over SQLite", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "latchkey-upgrade-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A database on disk, at that migration, and what is in it. */
  async function old(name: string | null): Promise<{ path: string; before: Tables }> {
    const path = join(folder, "latchkey.db");
    const handle = openSqlite(path, { mustExist: false });
    handle.pragma(`application_id = ${APPLICATION_ID}`);
    const db: AnyDb = new Kysely({ dialect: sqliteDialect(handle) });
    if (name !== null) await grow(db, "blob", name);
    else handle.exec("vacuum"); // so that there is a file
    const before = await contents(db);
    await db.destroy();
    return { path, before };
  }

  it.each(names)("opens a database of %s with everything in it", async (name) => {
    const { path, before } = await old(name);
    const db = await openDatabase({ path, clock: new FakeClock() });
    await using fixture = await Fixture.start({ db });
    expectKept(before, await contents(db as unknown as AnyDb));
    const unsound = await sql`pragma foreign_key_check`.execute(db);
    expect(unsound.rows).toEqual([]);
    await expectUsable(fixture);
  });

  it.each([null, ...names.slice(0, -1)])(
    "leaves a sound database when it is killed at any statement of the upgrade from %s",
    { timeout: 120_000 },
    async (name) => {
      const { path, before } = await old(name);
      // The files as they are after each statement are what a process leaves that is killed there. Statements that
      // leave the same bytes, such as those before a commit, leave the same database.
      const copies: string[] = [];
      const digests = new Set<string>();
      let statements = 0;
      const handle = openSqlite(path, { mustExist: true });
      const db: AnyDb = new Kysely({
        dialect: sqliteDialect(handle),
        log: () => {
          statements += 1;
          const files = ["", "-wal"].filter((suffix) => existsSync(path + suffix));
          const hash = createHash("sha256");
          for (const suffix of files) hash.update(suffix).update(readFileSync(path + suffix));
          const digest = hash.digest("hex");
          if (digests.has(digest)) return;
          digests.add(digest);
          const copy = join(folder, `killed-${copies.length}.db`);
          for (const suffix of files) copyFileSync(path + suffix, copy + suffix);
          copies.push(copy);
        },
      });
      await migrate(db, { bytesType: "blob" });
      await db.destroy();
      expect(statements).toBeGreaterThan(names.length);

      const seen = new Set<number>();
      for (const copy of copies) {
        const killed = openSqlite(copy, { mustExist: true });
        const raw: AnyDb = new Kysely({ dialect: sqliteDialect(killed) });
        const tables = await raw.introspection.getTables({ withInternalKyselyTables: true });
        const applied = tables.some((table) => table.name === "kysely_migration")
          ? (await raw.selectFrom("kysely_migration").selectAll().execute()).length
          : 0;
        seen.add(applied);
        await raw.destroy();
        const opened = await openDatabase({ path: copy, clock: new FakeClock() });
        const after = await contents(opened as unknown as AnyDb);
        expectKept(before, after);
        await opened.destroy();
      }
      // Both sides of each transaction were met: one for each migration, and one for all of a new database.
      const from = name === null ? names.length : names.indexOf(name) + 1;
      const steps = Array.from({ length: names.length - from + 1 }, (_, i) => from + i);
      expect([...seen].sort((a, b) => a - b)).toEqual(name === null ? [0, ...steps] : steps);
    },
  );
});
