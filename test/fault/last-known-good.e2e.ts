/** The node's last-known-good file: its writer killed, the file damaged, the disk full or read-only. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, startProcess, type TestProcess, Upstream } from "@latchkey/testkit";
import { expect } from "vitest";
import { fault } from "./support/fault.js";
import { digestAt } from "./support/lkg-content.mjs";
import { rounds } from "./support/mode.js";
import { SmallDisk } from "./support/small-disk.js";
import { key, resourcesOf, SmallNode, startIngress } from "./support/small-node.js";
import { pause, Traffic } from "./support/traffic.js";

const writerCommand = join(import.meta.dirname, "support/lkg-writer.mjs");

interface Loaded {
  readonly number: number;
  readonly digest: string;
  readonly damaged: number;
}

async function loaded(writer: TestProcess): Promise<Loaded> {
  return await writer.waitFor((stdout) => {
    const [, number, digest = "", damaged] = /^loaded (\d+) (\S+) (\d+)$/m.exec(stdout) ?? [];
    return number === undefined ? undefined : { number: Number(number), digest, damaged: Number(damaged) };
  });
}

function newest(stdout: string, word: string): number {
  const all = [...stdout.matchAll(new RegExp(`^${word} (\\d+)$`, "gm"))];
  return Number(all.at(-1)?.[1] ?? 0);
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-lkg-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const killed = rounds(10, 150, 500);

fault(
  {
    row: "18",
    fault: `node killed while it writes its last-known-good file, ${killed} times`,
    holds: "it starts from a whole revision, never from an older one than was on disk",
    target: "500 kills: old or new, never mixed",
  },
  () =>
    inFolder(async (folder) => {
      let onDisk = 0;
      let asked = 0;
      let newer = 0;
      for (let round = 0; round <= killed; round++) {
        await using writer = startProcess({ args: [writerCommand, folder] });
        const start = await loaded(writer);
        expect(start.damaged).toBe(0);
        expect(start.number).toBeGreaterThanOrEqual(onDisk);
        expect(start.number).toBeLessThanOrEqual(asked);
        if (start.number > 0) expect(start.digest).toBe(digestAt(start.number));
        if (start.number > onDisk) newer++;
        // Any moment will do; after the first revision there is something to lose.
        await writer.waitFor((stdout) => (newest(stdout, "flushed") > 0 ? true : undefined));
        await pause(Math.random() * 60);
        await writer.stop("SIGKILL");
        onDisk = newest(writer.stdout, "flushed");
        asked = newest(writer.stdout, "asked");
      }
      return `${killed} kills over ${onDisk} revisions: 0 mixed, 0 lost, 0 quarantined; ${newer} times the one being written was whole already`;
    }),
  { timeoutMs: 300_000 + killed * 3_000 },
);

const flips = rounds(8, 120, 500);

fault(
  {
    row: "17",
    fault: `last-known-good file damaged or cut, ${flips} times`,
    holds:
      "a whole revision is used, the one before if need be; the damaged file is quarantined and reported",
    target: "500 flips and cuts: 0 crashes, 0 wrong revisions",
  },
  () =>
    inFolder(async (folder) => {
      const original = join(folder, "original");
      await using writer = startProcess({ args: [writerCommand, original] });
      await writer.waitFor((stdout) => (newest(stdout, "flushed") >= 23 ? true : undefined));
      await writer.stop("SIGKILL");
      const files = readdirSync(original).filter((name) => name.endsWith(".lkg"));
      let reported = 0;
      for (let i = 0; i < flips; i++) {
        const copy = join(folder, "copy");
        rmSync(copy, { recursive: true, force: true });
        cpSync(original, copy, { recursive: true });
        const file = join(copy, files[i % files.length] ?? "");
        const bytes = readFileSync(file);
        const at = Math.floor(Math.random() * bytes.length);
        if (i % 3 === 0) writeFileSync(file, bytes.subarray(0, at));
        else if (bytes.length > 0) {
          bytes[at] = (bytes[at] ?? 0) ^ (1 << (i % 8));
          writeFileSync(file, bytes);
        }
        await using reader = startProcess({ args: [writerCommand, copy, "read"] });
        const { number, digest, damaged } = await loaded(reader);
        expect((await reader.exited).code).toBe(0);
        expect(number).toBeGreaterThan(0);
        expect(digest).toBe(digestAt(number));
        reported += damaged;
      }
      return `${flips} flips and cuts: 0 crashes, 0 wrong revisions, always one to serve; ${reported} files quarantined (the others still had a whole beginning)`;
    }),
  { timeoutMs: 60_000 + flips * 3_000, isLong: true },
);

fault(
  {
    row: "19",
    fault: "node's disk full, then read-only, then well again",
    holds: "serves from memory and takes revisions, warns, and writes again by itself",
    target: "0 traffic errors",
  },
  async () => {
    using disk = new SmallDisk(2);
    await using upstream = await Upstream.start();
    const dataDir = join(disk.path, "data");
    const target = { a: `${upstream.url}/` };
    await using node = await SmallNode.start(resourcesOf(target), { dataDir });
    const { server } = node;
    const traffic = new Traffic(4, () => ({ url: `${node.url}/a`, key }), 2);
    const warnings = () => node.process.stderr.split("serving from memory").length - 1;
    const change = async (title: string) => {
      server.change(resourcesOf(target, title));
      await server.acked();
    };
    await traffic.more(100);

    disk.fill();
    await change("x".repeat(200_000));
    await eventually(async () => (warnings() > 0 ? true : undefined), "the node warns of a full disk");
    for (let i = 0; i < 20; i++) await change(`${i} ${"x".repeat(100_000)}`);
    await traffic.more(100);
    // The node has closed its files by now; an open one would keep the disk from becoming read-only.
    disk.setReadOnly(true);
    const before = warnings();
    await change("read-only");
    await eventually(
      async () => (warnings() > before ? true : undefined),
      "the node warns of a read-only disk",
    );
    expect(node.process.stderr).toContain("EROFS");
    await traffic.more(100);
    disk.setReadOnly(false);
    disk.free();
    const freedMs = performance.now();
    await change("space again");
    await eventually(
      async () => (node.process.stderr.includes("is written again") ? true : undefined),
      "the node writes again",
    );
    const recoveredMs = performance.now() - freedMs;
    await change("and on");
    await traffic.more(100);
    const report = await traffic.stop();
    expect(report.reasons).toEqual([]);

    // What it wrote last is what it starts from, without a control plane.
    const { revision } = server;
    await node.process.stop("SIGTERM");
    await server.close();
    await using again = startIngress(server.address, dataDir);
    const { admin } = await again.waitForJson<{ admin: string }>();
    const status = (await (await fetch(`${admin}/status`)).json()) as { revision: string };
    expect(status.revision).toBe(`${revision.epoch}/${revision.number}`);
    return `${report.sent} requests, 0 failed; written again ${(recoveredMs / 1000).toFixed(1)} s after space was free (it is tried every 5 s)`;
  },
  { isLong: true },
);
