/** The control plane's database: locked, full, read-only, damaged, restored from an old backup, killed while it is made. */
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, startProcess } from "@latchkey/testkit";
import Database from "better-sqlite3";
import { expect } from "vitest";
import { openDatabase } from "../../packages/control-plane/src/db/open.js";
import { enforced, makeApi, mutate } from "../support/seed.js";
import { latchkeyCommand } from "../support/stack.js";
import { BusyStack } from "./support/busy-stack.js";
import { fault } from "./support/fault.js";
import { quantile } from "./support/figures.js";
import { checkInvariants } from "./support/invariants.js";
import { rounds } from "./support/mode.js";
import { SmallDisk } from "./support/small-disk.js";
import { pause, shoot } from "./support/traffic.js";

/** Code of the refusal, however it comes; null: it passed. */
async function refusalOf(work: Promise<unknown>): Promise<string | null> {
  try {
    await work;
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

fault(
  {
    row: "9",
    fault: "database locked by another process, for a moment and for long",
    holds: "waits outside of the event loop, then refuses by name; reads, stream and traffic go on",
    target: "event loop lag p99 ≤ 300 ms, no 500",
  },
  async () => {
    await using busy = await BusyStack.start();
    const { stack, subscriptionId, traffic } = busy;
    const locker = new Database(join(stack.dataDir, "latchkey.db"), { fileMustExist: true });
    const lagsMs: number[] = [];
    let isLocked = true;
    const healthz = new URL("/healthz", stack.graphqlUrl).href;
    const watch = (async () => {
      while (isLocked) {
        const startedMs = performance.now();
        expect((await shoot({ url: healthz })).status).toBe(200);
        lagsMs.push(performance.now() - startedMs);
        await pause(5);
      }
    })();
    locker.exec("begin immediate");
    const short = mutate(stack, "createApi", { title: "short", subscriptionId, routes: [] }, "api { id }");
    await pause(700);
    locker.exec("commit");
    await short;
    locker.exec("begin immediate");
    const startedMs = performance.now();
    const refused = await refusalOf(
      mutate(stack, "createApi", { title: "long", subscriptionId, routes: [] }, "api { id }"),
    );
    const refusedMs = performance.now() - startedMs;
    expect(refused).toContain("The database is busy");
    expect(await refusalOf(stack.graphql("{ apis(first: 5) { totalCount } }"))).toBeNull();
    locker.exec("commit");
    locker.close();
    isLocked = false;
    await watch;
    await mutate(stack, "createApi", { title: "after", subscriptionId, routes: [] }, "api { id }");
    await checkInvariants(stack);
    expect(traffic.report.reasons).toEqual([]);
    return `a lock of 0.7 s is waited for; one that stays is refused after ${(refusedMs / 1000).toFixed(1)} s with STORAGE_BUSY; /healthz p99 ${quantile(lagsMs, 0.99).toFixed(0)} ms, worst ${Math.max(...lagsMs).toFixed(0)} ms; ${traffic.sent} requests, 0 failed`;
  },
  { isLong: true },
);

fault(
  {
    row: "10",
    fault: "database's disk full, then read-only at a start",
    holds: "mutations are refused by name, reads, stream and traffic go on; it recovers by itself",
    target: "recovery ≤ 5 s after space is free; integrity_check ok",
  },
  async () => {
    using disk = new SmallDisk(6);
    await using busy = await BusyStack.start({
      controlPlaneEnv: { LATCHKEY_CONTROL_PLANE_DATA_DIR: join(disk.path, "control-plane") },
    });
    const { stack, subscriptionId, routes, traffic } = busy;
    disk.fill(512 * 1024);
    const make = (title: string, size: number) =>
      mutate(stack, "createApi", { title, summary: "x".repeat(size), subscriptionId, routes }, "api { id }");
    let passed = 0;
    let refusal: string | null = null;
    while (refusal === null) {
      refusal = await refusalOf(make(`full ${passed}`, 900));
      if (refusal === null) passed++;
      if (passed > 20_000) throw new Error("the disk does not fill");
    }
    expect(refusal).toMatch(/disk is full|STORAGE_FULL/);
    for (let i = 0; i < 5; i++) expect(await refusalOf(make(`refused ${i}`, 900))).toMatch(/full/i);
    const { apis } = await stack.graphql<{ apis: { totalCount: number } }>(
      "{ apis(first: 1) { totalCount } }",
    );
    expect(apis.totalCount).toBe(passed + 1);
    await traffic.more(50);
    const { stream } = (await (await fetch(`${stack.ingress.adminUrl}/status`)).json()) as { stream: string };
    expect(stream).toBe("streaming");
    disk.free();
    const freedMs = performance.now();
    await eventually(
      async () => ((await refusalOf(make("again", 10))) === null ? true : undefined),
      "it recovers",
    );
    const recoveredMs = performance.now() - freedMs;
    await checkInvariants(stack);
    expect(traffic.report.reasons).toEqual([]);

    await stack.controlPlane.stop("SIGKILL");
    const db = new Database(join(stack.dataDir, "latchkey.db"));
    expect(db.pragma("integrity_check")).toEqual([{ integrity_check: "ok" }]);
    db.close();
    disk.setReadOnly(true);
    stack.startControlPlane();
    expect((await stack.controlPlane.exited).code).toBe(1);
    expect(stack.controlPlane.stderr).toMatch(/cannot be used|read-only|EROFS/i);
    disk.setReadOnly(false);
    await stack.restartControlPlane();
    await checkInvariants(stack);
    expect(traffic.report.reasons).toEqual([]);
    return `refused with STORAGE_FULL after ${passed} mutations, all of them there; passes again ${recoveredMs.toFixed(0)} ms after space was free; integrity_check ok; read-only at a start: exit code 1; ${traffic.sent} requests, 0 failed`;
  },
  { isLong: true },
);

fault(
  {
    row: "11, 12",
    fault: "database damaged at start, then restored from an old backup",
    holds: "refuses to start and tells the command, which works; a new epoch, and all nodes converge",
    target: "exit code ≠ 0 ≤ 5 s; nodes serve on, converge ≤ 60 s",
  },
  async () => {
    await using busy = await BusyStack.start();
    const { stack, subscriptionId, routes, api, traffic } = busy;
    const folder = mkdtempSync(join(tmpdir(), "latchkey-damage-"));
    try {
      const backup = join(folder, "backup.db");
      const cli = (...args: string[]) => startProcess({ args: [latchkeyCommand, ...args] });
      await using backedUp = cli("backup", backup, "--data-dir", stack.dataDir);
      expect((await backedUp.exited).code).toBe(0);
      const late = await makeApi(stack, subscriptionId, "after the backup", routes);
      await enforced(stack, late.revision);
      await stack.controlPlane.stop("SIGTERM");

      const path = join(stack.dataDir, "latchkey.db");
      const sound = readFileSync(path);
      const damages: Record<string, () => void> = {
        "page overwritten": () => {
          const bytes = Buffer.from(sound);
          for (let at = 4096 * 3; at < bytes.length - 4096; at += 4096 * 2) bytes.fill(0x5a, at, at + 4096);
          writeFileSync(path, bytes);
        },
        "cut in half": () => truncateSync(path, Math.floor(sound.length / 2)),
        "not a database": () => writeFileSync(path, "something else entirely".repeat(500)),
        empty: () => writeFileSync(path, ""),
        "log without its database": () => {
          writeFileSync(`${path}-wal`, Buffer.alloc(4096, 1));
          rmSync(path);
        },
      };
      const kinds = Object.entries(damages).slice(0, rounds(1, 5));
      let slowestMs = 0;
      let command = "";
      for (const [kind, damage] of kinds) {
        damage();
        const startedMs = performance.now();
        stack.startControlPlane();
        const { code } = await stack.controlPlane.exited;
        slowestMs = Math.max(slowestMs, performance.now() - startedMs);
        expect([kind, code]).toEqual([kind, 1]);
        command = /latchkey (restore .*)$/m.exec(stack.controlPlane.stderr)?.[1] ?? "";
        expect([kind, command]).toEqual([kind, expect.stringContaining("restore <backup file>")]);
        // Nothing was put in the place of what was there.
        if (existsSync(path)) expect(statSync(path).size === 0 || kind !== "empty").toBe(true);
        if (kind !== kinds.at(-1)?.[0]) writeFileSync(path, sound);
      }
      await traffic.more(50);
      // The command as printed, word for word.
      await using restored = cli(...command.replace("<backup file>", backup).split(" "));
      expect([(await restored.exited).code, restored.stderr]).toEqual([0, ""]);
      const startedMs = performance.now();
      await stack.restartControlPlane();
      await checkInvariants(stack);
      const convergedMs = performance.now() - startedMs;
      // What was made after the backup is gone, everywhere.
      const gone = await shoot({ url: `${stack.ingress.url}/a`, key: late.secret });
      expect(gone.status).toBe(401);
      const kept = await shoot({ url: `${stack.ingress.url}/a`, key: api.secret });
      expect(kept.status).toBe(200);
      expect(traffic.report.reasons).toEqual([]);
      return `${kinds.length} kinds of damage: exit code 1 after at most ${(slowestMs / 1000).toFixed(1)} s (loading the code is most of it); the command told restores; node converged ${(convergedMs / 1000).toFixed(1)} s after the start; ${traffic.sent} requests, 0 failed`;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

const made = rounds(6, 50);

fault(
  {
    row: "14",
    fault: `killed while the database is made and migrated, ${made} times`,
    holds: "the next start goes on: old schema or new one, never half",
    target: "50 kills: 0 stuck",
  },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "latchkey-migrate-"));
    let midway = 0;
    try {
      for (let round = 0; round < made; round++) {
        const path = join(folder, `${round}`, "latchkey.db");
        await using opener = startProcess({
          args: [join(import.meta.dirname, "support/database-opener.mjs"), path],
        });
        await opener.waitFor((stdout) => (stdout.includes("begin") ? true : undefined));
        await pause(Math.random() * 60);
        await opener.stop("SIGKILL");
        if (!opener.stdout.includes("done")) midway++;
        const db = await openDatabase({ path });
        const { n } = await db
          .selectFrom("revision")
          .select(({ fn }) => fn.countAll<number>().as("n"))
          .executeTakeFirstOrThrow();
        expect(n).toBe(1);
        await db.destroy();
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    return `${made} kills, ${midway} of them midway: 0 stuck (one schema was released so far: what is killed is its making)`;
  },
  { isLong: true },
);
