import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LastKnownGoodBegin } from "@latchkey/proto";
import { encodeResource, type ResourceRecord } from "@latchkey/snapshot";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VALIDATION_VERSION } from "../table/checks.js";
import { type TableChange } from "../table/table-change.js";
import { StoredNode } from "../testing/stored-node.js";
import { aKey, anApi, anIntegration, aRoute } from "../testing/world.js";
import { encodeFrame, FrameReader } from "./frames.js";

const records = (n: number): ResourceRecord[] =>
  Array.from({ length: n }, (_, i) => [
    anIntegration(`int_${i}`, `http://host-${i}/`),
    anApi(`api_${i}`, [aRoute("GET", `/a/${i}`, `int_${i}`)]),
    aKey(`key_${i}`, `api_${i}`).resource,
  ])
    .flat()
    .map(encodeResource);

const change = (i: number): TableChange => ({
  upserts: [encodeResource(anApi(`api_${i % 5}`, [aRoute("GET", `/changed/${i}`, "int_1")]))],
  removals: i % 3 === 0 ? [{ kind: "key", id: `key_${i % 5}` }] : [],
});

const withDirectory = async (use: (directory: string) => Promise<void>) => {
  const directory = mkdtempSync(join(tmpdir(), "latchkey-lkg-"));
  try {
    await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

const filesOf = (directory: string, pattern: RegExp) =>
  readdirSync(directory)
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(directory, name));

/** Changes the first frame of a base file, with a right checksum. */
function rewriteBegin(file: string, change: Partial<LastKnownGoodBegin>): void {
  const frames = [...new FrameReader().push(readFileSync(file))];
  const written = frames.map(({ type, payload }, i) => {
    const begin = () =>
      LastKnownGoodBegin.encode({ ...LastKnownGoodBegin.decode(payload), ...change }).finish();
    return encodeFrame(type, i === 0 ? begin() : payload);
  });
  writeFileSync(file, Buffer.concat(written));
}

describe("the last-known-good revision", () => {
  it("is what a node starts from: base and deltas", () =>
    withDirectory(async (directory) => {
      const node = new StoredNode(directory);
      expect(await node.start()).toEqual({ revision: null, damaged: [] });
      await node.snapshot({ epoch: 1, number: 1 }, records(10));
      for (let i = 0; i < 20; i++) await node.delta(change(i));
      await node.disk.close();

      const again = new StoredNode(directory);
      expect(await again.start()).toEqual({ revision: "1/21", damaged: [] });
      expect(again.fingerprint).toBe(node.fingerprint);
      // And it goes on from there: a delta after the restart is kept as well.
      await again.delta(change(20));
      await again.disk.close();
      const third = new StoredNode(directory);
      await third.start();
      expect(third.fingerprint).toBe(again.fingerprint);
      await third.disk.close();
    }));

  it("checks its APIs again unless the same version checked them, and always those that were refused", () =>
    withDirectory(async (directory) => {
      const refused = encodeResource(anApi("api_refused", [aRoute("GET", "no slash", "int_1")]));
      // A sound file says which APIs did not pass; this one was written by a liar, and keeps quiet about it.
      const lied = encodeResource(anApi("api_lied", [aRoute("GET", "no slash", "int_1")]));
      const node = new StoredNode(directory);
      await node.start();
      await node.snapshot({ epoch: 1, number: 1 }, [...records(3), refused, lied]);
      expect([...(node.currentTable.table?.quarantine.keys() ?? [])].sort()).toEqual([
        "api/api_lied",
        "api/api_refused",
      ]);
      await node.disk.close();
      const [base = ""] = filesOf(directory, /^base-/);
      const startedWith = async (change: Partial<LastKnownGoodBegin>) => {
        rewriteBegin(base, change);
        const again = new StoredNode(directory);
        expect(await again.start()).toEqual({ revision: "1/1", damaged: [] });
        await again.disk.close();
        const table = again.currentTable.table;
        return { quarantine: [...(table?.quarantine.keys() ?? [])].sort(), table };
      };
      // As written.
      expect((await startedWith({})).quarantine).toEqual(["api/api_lied", "api/api_refused"]);
      const trusted = await startedWith({
        checks: String(VALIDATION_VERSION),
        refusedApiIds: ["api_refused"],
      });
      expect(trusted.quarantine).toEqual(["api/api_refused"]);
      // What was let in unseen is refused at its first use, without an exception.
      expect(trusted.table?.apis.get("api_lied")?.current?.built()).toBeNull();
      expect(trusted.table?.apis.get("api_1")?.current?.built()?.routes).toHaveLength(1);
      for (const checks of ["", "other"])
        expect((await startedWith({ checks, refusedApiIds: [] })).quarantine).toHaveLength(2);
    }));

  it("can be read by its owner only", () =>
    withDirectory(async (directory) => {
      const inner = join(directory, "made");
      const node = new StoredNode(inner);
      await node.start();
      await node.snapshot({ epoch: 1, number: 1 }, records(2));
      await node.disk.close();
      expect(statSync(inner).mode & 0o777).toBe(0o700);
      for (const file of filesOf(inner, /./))
        expect([file, statSync(file).mode & 0o777]).toEqual([file, 0o600]);
    }));

  it("folds a long journal into a new base and keeps one generation before", () =>
    withDirectory(async (directory) => {
      const node = new StoredNode(directory);
      await node.start();
      await node.snapshot({ epoch: 1, number: 1 }, records(5));
      const big = anApi(
        "api_big",
        Array.from({ length: 200 }, (_, i) => aRoute("GET", `/${"x".repeat(200)}/${i}`, "int_1")),
      );
      for (let i = 0; i < 60; i++) {
        await node.delta({ upserts: [encodeResource({ ...big, title: `t${i}` })], removals: [] });
        await node.disk.flushed();
      }
      await node.disk.close();
      expect(filesOf(directory, /^base-/).length).toBe(2);
      expect(filesOf(directory, /^journal-/).length).toBe(2);
      const again = new StoredNode(directory);
      await again.start();
      expect(again.fingerprint).toBe(node.fingerprint);
      await again.disk.close();
      // The generation before leads to the newest base's revision by its own journal.
      const newest = filesOf(directory, /^base-/).at(-1) as string;
      writeFileSync(newest, "gone");
      const fallback = new StoredNode(directory);
      const report = await fallback.start();
      expect(report.damaged).toHaveLength(1);
      expect(fallback.currentTable.table?.revision.number).toBeGreaterThan(30);
      await fallback.disk.close();
    }));

  it("serves nothing damaged, whatever byte is flipped or wherever a file is cut (500 times)", () =>
    withDirectory(async (directory) => {
      const seen = new Set(["nothing"]);
      const node = new StoredNode(directory);
      await node.start();
      await node.snapshot({ epoch: 1, number: 1 }, records(5));
      seen.add(node.fingerprint);
      for (let i = 0; i < 5; i++) {
        await node.delta(change(i));
        seen.add(node.fingerprint);
      }
      await node.disk.flushed();
      await node.snapshot({ epoch: 1, number: 10 }, records(6));
      seen.add(node.fingerprint);
      for (let i = 0; i < 5; i++) {
        await node.delta(change(i));
        seen.add(node.fingerprint);
      }
      await node.disk.close();
      const originals = new Map(filesOf(directory, /lkg$/).map((file) => [file, readFileSync(file)]));
      let served = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...originals.keys()),
          fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
          fc.option(fc.integer({ min: 0, max: 7 })),
          async (file, where, bit) => {
            const copy = mkdtempSync(join(tmpdir(), "latchkey-flip-"));
            try {
              for (const [path, bytes] of originals) {
                const target = join(copy, path.slice(directory.length + 1));
                if (path !== file) {
                  writeFileSync(target, bytes);
                  continue;
                }
                const at = Math.floor(where * bytes.length);
                const damaged = Buffer.from(bit === null ? bytes.subarray(0, at) : bytes);
                if (bit !== null) damaged[at] = (damaged[at] as number) ^ (1 << bit);
                writeFileSync(target, damaged);
              }
              const reborn = new StoredNode(copy);
              await reborn.start();
              expect(seen).toContain(reborn.fingerprint);
              if (reborn.fingerprint !== "nothing") served++;
              await reborn.disk.close();
            } finally {
              rmSync(copy, { recursive: true, force: true });
            }
          },
        ),
        { numRuns: 500 },
      );
      expect(served).toBe(500); // there is always the generation before
    }));

  it("puts a damaged base aside and says so", () =>
    withDirectory(async (directory) => {
      const node = new StoredNode(directory);
      await node.start();
      await node.snapshot({ epoch: 1, number: 1 }, records(2));
      await node.disk.close();
      const [base] = filesOf(directory, /^base-/);
      const bytes = readFileSync(base as string);
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
      writeFileSync(base as string, bytes);
      const again = new StoredNode(directory);
      const report = await again.start();
      expect([report.revision, report.damaged.length]).toEqual([null, 1]);
      expect(filesOf(directory, /damaged/)).toHaveLength(1);
      expect(again.logLines.join("")).toContain("is damaged and is quarantined");
      await again.disk.close();
    }));

  it("leaves a base that cannot be read where it is, and is never behind it once it can", () =>
    withDirectory(async (directory) => {
      const node = new StoredNode(directory);
      await node.start();
      await node.snapshot({ epoch: 1, number: 1 }, records(2));
      await node.disk.flushed();
      await node.snapshot({ epoch: 1, number: 5 }, records(3));
      await node.disk.close();
      const newest = filesOf(directory, /^base-/).at(-1) as string;
      const bytes = readFileSync(newest);
      rmSync(newest);
      symlinkSync(newest, newest); // ELOOP for every user; permissions do not hold root back

      const again = new StoredNode(directory);
      const report = await again.start();
      expect(report.revision).toBe("1/1");
      expect(report.damaged.join()).toContain(newest);
      expect(again.logLines.join("")).toContain("cannot be read and is left out");
      await again.delta(change(1));
      await again.delta(change(2));
      await again.disk.close();
      const served = again.fingerprint;

      expect(filesOf(directory, /damaged/)).toEqual([]);
      rmSync(newest, { force: true });
      writeFileSync(newest, bytes);
      const third = new StoredNode(directory);
      await third.start();
      expect(third.fingerprint).toBe(served);
      await third.disk.close();
    }));

  it("says that a journal cannot be read, and starts from its base", () =>
    withDirectory(async (directory) => {
      const node = new StoredNode(directory);
      await node.start();
      await node.snapshot({ epoch: 1, number: 1 }, records(2));
      await node.disk.flushed();
      await node.delta(change(1));
      await node.disk.close();
      const journal = filesOf(directory, /^journal-/).at(-1) as string;
      rmSync(journal);
      symlinkSync(journal, journal);
      const again = new StoredNode(directory);
      const report = await again.start();
      expect([report.revision, report.damaged.length]).toEqual(["1/1", 1]);
      await again.disk.close();
    }));

  it("starts from files that it cannot write", () =>
    withDirectory(async (directory) => {
      const node = new StoredNode(directory);
      await node.start();
      await node.snapshot({ epoch: 1, number: 1 }, records(2));
      await node.disk.close();
      const journal = filesOf(directory, /^journal-/).at(-1) as string;
      rmSync(journal);
      symlinkSync(join(directory, "nowhere", "journal"), journal); // is not there, and cannot be made
      const again = new StoredNode(directory);
      const report = await again.start();
      expect([report.revision, report.damaged]).toEqual(["1/1", []]);
      expect(again.disk.failure).not.toBe("");
      expect(again.logLines.join("")).toContain("cannot be written; serving from memory");
      await again.disk.close();
    }));

  it("serves from memory when the disk cannot be written, and says so", () =>
    withDirectory(async (directory) => {
      const file = join(directory, "not-a-directory");
      writeFileSync(file, "");
      const unusable = [file];
      if (process.platform === "linux") unusable.push("/proc/latchkey"); // Node.js tries for ever to make it with `recursive`
      for (const path of unusable) {
        const node = new StoredNode(path);
        expect((await node.start()).revision).toBeNull();
        await node.snapshot({ epoch: 1, number: 1 }, records(2));
        await node.disk.flushed();
        expect(node.disk.failure).not.toBe("");
        expect(node.currentTable.table?.revision.number).toBe(1);
        expect(node.logLines.join("")).toContain("serving from memory");
        await node.disk.close();
      }
    }));

  it("never mixes revisions when deltas come while a base is written", () =>
    withDirectory(async (directory) => {
      const node = new StoredNode(directory);
      await node.start();
      await node.snapshot({ epoch: 1, number: 1 }, records(400));
      for (let i = 0; i < 50; i++) await node.delta(change(i));
      await node.snapshot({ epoch: 1, number: 100 }, records(300));
      for (let i = 0; i < 50; i++) await node.delta(change(i));
      await node.disk.close();
      const again = new StoredNode(directory);
      expect(await again.start()).toEqual({ revision: "1/150", damaged: [] });
      expect(again.fingerprint).toBe(node.fingerprint);
      await again.disk.close();
    }));
});
