import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { FakeClock } from "@latchkey/core";
import SqliteDatabase from "better-sqlite3";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StorageError } from "../errors/storage-error.js";
import { backupDatabase, restoreDatabase } from "./backup.js";
import { MEMORY, openDatabase } from "./open.js";
import type { Db } from "./schema.js";
import { readTransaction, writeTransaction } from "./transaction.js";

let folder: string;
let path: string;
const opened: Db[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "latchkey-db-"));
  path = join(folder, "latchkey.db");
});

afterEach(async () => {
  for (const db of opened.splice(0)) await db.destroy();
  rmSync(folder, { recursive: true, force: true });
});

async function open(at = path, clock = new FakeClock()): Promise<Db> {
  const db = await openDatabase({ path: at, clock });
  opened.push(db);
  return db;
}

async function close(db: Db): Promise<void> {
  opened.splice(opened.indexOf(db), 1);
  await db.destroy();
}

async function insertSubscription(db: Db, id: string, name = id): Promise<void> {
  await writeTransaction(db, async (trx) => {
    await trx
      .insertInto("subscription")
      .values({ id, name, name_key: name, version: 1, created_at_ms: 1, updated_at_ms: 1 })
      .execute();
  });
}

async function subscriptionIds(db: Db): Promise<string[]> {
  const rows = await db.selectFrom("subscription").select("id").orderBy("id").execute();
  return rows.map((row) => row.id);
}

async function refusal(work: Promise<unknown>): Promise<StorageError> {
  const error = await work.then(
    () => null,
    (cause: unknown) => cause,
  );
  if (!(error instanceof StorageError)) throw new Error(`no StorageError, but ${String(error)}`);
  return error;
}

describe("opening", () => {
  it("makes a new database with its first version, and finds everything again", async () => {
    const db = await open();
    expect(await db.selectFrom("revision").selectAll().execute()).toEqual([
      { id: 1, epoch: 1_700_000_000_000, number: 0 },
    ]);
    await insertSubscription(db, "a");
    await close(db);
    const again = await open(path, new FakeClock(1));
    expect(await subscriptionIds(again)).toEqual(["a"]);
    expect((await again.selectFrom("revision").selectAll().executeTakeFirstOrThrow()).epoch).toBe(
      1_700_000_000_000,
    );
  });

  it("writes ahead, syncs in full, and holds references", async () => {
    const db = await open();
    const read = async (pragma: string) =>
      Object.values((await sql.raw(`pragma ${pragma}`).execute(db)).rows[0] ?? {});
    expect(await read("journal_mode")).toEqual(["wal"]);
    expect(await read("synchronous")).toEqual([2]);
    expect(await read("foreign_keys")).toEqual([1]);
    const [busyMs] = await read("busy_timeout");
    expect(busyMs).toBeLessThanOrEqual(250);
  });

  it.each([
    ["emptied", (file: string) => truncateSync(file, 0)],
    ["truncated", (file: string) => truncateSync(file, 5000)],
    [
      "overwritten in the middle",
      (file: string) => {
        const bytes = readFileSync(file);
        bytes.fill(0xa5, 4096 * 3, 4096 * 6);
        writeFileSync(file, bytes);
      },
    ],
    ["not a database", (file: string) => writeFileSync(file, "hello ".repeat(2000))],
  ])("refuses a file that was %s, names the restore command and leaves the file", async (_, damage) => {
    await close(await open());
    damage(path);
    const before = readFileSync(path);
    const error = await refusal(openDatabase({ path }));
    expect(error.code).toBe("damaged");
    expect(error.message).toContain(`latchkey restore <backup file> --data-dir ${dirname(path)}`);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("does not start anew when only the log is left", async () => {
    writeFileSync(`${path}-wal`, "something");
    expect((await refusal(openDatabase({ path }))).code).toBe("damaged");
    expect(existsSync(path)).toBe(false);
  });

  it("refuses a database of something else", async () => {
    const other = new SqliteDatabase(path);
    other.exec("create table t (x)");
    other.close();
    expect((await refusal(openDatabase({ path }))).message).toContain("not a Latchkey database");
  });

  it("refuses a database of a newer release", async () => {
    const db = await open();
    await sql`insert into kysely_migration (name, timestamp) values ('9999-future', '')`.execute(db);
    await close(db);
    const error = await refusal(openDatabase({ path }));
    expect(error.code).toBe("newer");
    expect(error.message).toContain("9999-future");
  });

  it("starts over after a crash while the first database was being made", async () => {
    writeFileSync(`${path}.creating`, "half");
    expect(await subscriptionIds(await open())).toEqual([]);
  });
});

describe("transactions", () => {
  it("roll back whole when the work fails", async () => {
    const db = await open(MEMORY);
    await expect(
      writeTransaction(db, async (trx) => {
        await trx
          .insertInto("subscription")
          .values({ id: "a", name: "a", name_key: "a", version: 1, created_at_ms: 1, updated_at_ms: 1 })
          .execute();
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    expect(await subscriptionIds(db)).toEqual([]);
  });

  it("run one after another on the one connection, in the order they came", async () => {
    const db = await open(MEMORY);
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        writeTransaction(db, async (trx) => {
          await trx.selectFrom("revision").selectAll().execute();
          order.push(i);
        }),
      ),
    );
    expect(order).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it("hold the write lock from their first statement on, so that what they read stays true", async () => {
    const db = await open();
    const other = new SqliteDatabase(path, { timeout: 0 });
    await writeTransaction(db, async (trx) => {
      await subscriptionIds(trx);
      expect(() => other.exec("begin immediate")).toThrow(/locked/);
    });
    await readTransaction(db, async (trx) => {
      await subscriptionIds(trx);
      other.exec("begin immediate; commit");
    });
    other.close();
  });

  it("wait for another process's lock without losing anything", async () => {
    const db = await open();
    const other = new SqliteDatabase(path);
    other.exec("begin immediate");
    const writing = insertSubscription(db, "a");
    await new Promise((resolve) => setTimeout(resolve, 300)); // longer than one busy time-out
    other.exec("commit");
    other.close();
    await writing;
    expect(await subscriptionIds(db)).toEqual(["a"]);
  });

  it("say `full` when the disk is, keep serving reads, and go on once there is room", async () => {
    const db = await open();
    await insertSubscription(db, "a");
    const pages = Object.values((await sql.raw("pragma page_count").execute(db)).rows[0] ?? {})[0];
    await sql.raw(`pragma max_page_count = ${pages}`).execute(db);
    const error = await refusal(insertSubscription(db, "b", "x".repeat(100_000)));
    expect(error.code).toBe("full");
    expect(await readTransaction(db, (trx) => subscriptionIds(trx))).toEqual(["a"]);
    await sql.raw("pragma max_page_count = 1000000").execute(db);
    await insertSubscription(db, "b", "x".repeat(100_000));
    expect(await subscriptionIds(db)).toEqual(["a", "b"]);
  });
});

describe("backup and restore", () => {
  it("gives the state at the backup back, in a new epoch, with what was there under another name", async () => {
    const clock = new FakeClock();
    const db = await open(path, clock);
    await insertSubscription(db, "a");
    const backup = join(folder, "backup.db");
    const made = await backupDatabase(path, backup); // while the control plane has it open
    expect(made.revision).toEqual({ epoch: clock.now(), number: 0 });
    expect(existsSync(`${backup}-wal`)).toBe(false);
    await insertSubscription(db, "b");
    await close(db);

    const restored = await restoreDatabase(backup, path, { clock });
    expect(restored.revision).toEqual({ epoch: clock.now() + 1, number: 0 });
    expect(restored.putAside).not.toBeNull();
    expect(await subscriptionIds(await open())).toEqual(["a"]);
    expect(await subscriptionIds(await open(restored.putAside ?? ""))).toEqual(["a", "b"]);
  });

  it("refuses while the control plane runs", async () => {
    const db = await open();
    const backup = join(folder, "backup.db");
    await backupDatabase(path, backup);
    const error = await refusal(restoreDatabase(backup, path));
    expect(error.code).toBe("busy");
    await insertSubscription(db, "still");
    expect(await subscriptionIds(db)).toEqual(["still"]);
  });

  it("refuses a damaged backup and leaves the database", async () => {
    await close(await open());
    const backup = join(folder, "backup.db");
    await backupDatabase(path, backup);
    truncateSync(backup, statSync(backup).size - 4096 * 2);
    const error = await refusal(restoreDatabase(backup, path));
    expect(error.code).toBe("damaged");
    expect(error.message).toContain(`${backup} cannot be restored: the `);
    expect(error.message).toContain(`Give a file that \`latchkey backup\` wrote; ${path} is unchanged.`);
    expect(await subscriptionIds(await open())).toEqual([]);
  });

  it("takes the place of a database that is beyond reading", async () => {
    await close(await open());
    const backup = join(folder, "backup.db");
    await backupDatabase(path, backup);
    writeFileSync(path, "rubbish");
    await restoreDatabase(backup, path);
    expect(await subscriptionIds(await open())).toEqual([]);
  });

  it("never overwrites", async () => {
    await open();
    const backup = join(folder, "backup.db");
    writeFileSync(backup, "precious");
    expect((await refusal(backupDatabase(path, backup))).code).toBe("unavailable");
    expect(readFileSync(backup, "utf8")).toBe("precious");
  });
});

describe("files", () => {
  it("are for their owner only, backups and what a restore makes included", async () => {
    const before = process.umask(0o022);
    try {
      const db = await open();
      await insertSubscription(db, "a");
      const backup = join(folder, "backup.db");
      await backupDatabase(path, backup);
      for (const file of [path, `${path}-wal`, `${path}-shm`, backup])
        expect({ file, mode: statSync(file).mode & 0o777 }).toEqual({ file, mode: 0o600 });
      await close(db);
      await restoreDatabase(backup, path);
      const names = readdirSync(folder).filter((name) => name.startsWith("latchkey"));
      for (const name of names)
        expect({ name, mode: statSync(join(folder, name)).mode & 0o777 }).toEqual({ name, mode: 0o600 });
    } finally {
      process.umask(before);
    }
  });

  // A service runs as a user of its own, and an operator restores as root.
  it.runIf(process.getuid?.() === 0)(
    "belong to the owner of the data folder when root makes them",
    async () => {
      const [uid, gid] = [65_534, 65_533];
      await close(await open());
      const backup = join(folder, "backup.db");
      await backupDatabase(path, backup);
      const data = join(folder, "data");
      mkdirSync(data);
      chownSync(data, uid, gid);
      await restoreDatabase(backup, join(data, "latchkey.db"));
      await close(await open(join(data, "new.db")));
      const names = readdirSync(data);
      expect(names).toContain("latchkey.db");
      for (const name of names) {
        const { uid: user, gid: group, mode } = statSync(join(data, name));
        expect({ name, user, group, mode: mode & 0o777 }).toEqual({
          name,
          user: uid,
          group: gid,
          mode: 0o600,
        });
      }
      expect(statSync(backup).uid).toBe(0);
    },
  );

  it("are named when they cannot be opened", async () => {
    mkdirSync(path);
    writeFileSync(join(path, "x"), "");
    const { code, message } = await refusal(openDatabase({ path }));
    expect([code, message]).toEqual([
      "unavailable",
      `the database ${path} cannot be opened: unable to open database file`,
    ]);
  });
});
