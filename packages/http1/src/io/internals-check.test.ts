// The capability check, and what is done with what it finds.
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { acceptBareSockets } from "./bare-socket.js";
import { checkInternals, type TriedInternals } from "./internals-check.js";
import { isReset, readInto, SocketHandle, takeReads } from "./node-internals.js";

const all: TriedInternals = {
  handleOf: SocketHandle.of,
  readInto,
  takeReads,
  isReset,
  acceptBareSockets,
};

const fail = (): never => {
  throw new TypeError("not a function");
};

describe("checkInternals", () => {
  it("finds nothing missing in this version of Node.js", async () => {
    expect(await checkInternals()).toEqual([]);
  });

  // In a cluster, workers that listen on port 0 share one port unless they ask for one of their own.
  it("finds nothing missing in workers that check at the same time", async () => {
    const program = join(import.meta.dirname, "../testing/check-in-workers.mjs");
    const built = pathToFileURL(join(import.meta.dirname, "../../dist/io/internals-check.js")).href;
    const { stdout } = await promisify(execFile)(process.execPath, [program, built]);
    expect(JSON.parse(stdout)).toEqual(Array.from({ length: 8 }, () => []));
  });

  it.each<[string, Partial<TriedInternals>, string, RegExp]>([
    ["no buffer can be set", { readInto: () => false }, "sharedReads", /no buffer/],
    ["a buffer that is set is not used", { readInto: () => true }, "sharedReads", /did not come into/],
    ["setting a buffer throws", { readInto: fail }, "sharedReads", /throws: not a function/],
    ["there is no handle", { handleOf: () => null }, "directWrites", /no handle/],
    [
      "the handle refuses a write",
      { handleOf: () => ({ write: () => -32, writeAll: () => 0 }) },
      "directWrites",
      /did not take/,
    ],
    [
      "a write that waits fails",
      {
        handleOf: (socket, onComplete) =>
          SocketHandle.of(socket, (status) => onComplete(status === 0 ? -32 : 0)),
      },
      "directWrites",
      /did not complete/,
    ],
    [
      "the handle's write throws",
      { handleOf: () => ({ write: fail, writeAll: fail }) },
      "directWrites",
      /throws/,
    ],
    ["push is not called", { takeReads: () => {} }, "directReads", /do not call push/],
    ["taking reads throws", { takeReads: fail }, "directReads", /throws/],
    ["a reset is not seen", { isReset: () => false }, "resetProbe", /not seen/],
    ["every connection looks reset", { isReset: () => true }, "resetProbe", /not seen/],
    ["servers give no handles", { acceptBareSockets: () => false }, "bareSockets", /gives none/],
    ["taking handles throws", { acceptBareSockets: fail }, "bareSockets", /throws/],
    ["a reset cannot be asked for", { isReset: () => null }, "resetProbe", /not seen/],
  ])("names what does not work alone, and why: %s", async (_what, broken, internal, reason) => {
    const missing = await checkInternals({ ...all, ...broken });
    expect(missing).toEqual([{ internal, reason: expect.stringMatching(reason) as string }]);
  });
});

it("no other files name internals of Node.js", () => {
  const names =
    /\b_handle\b|\b_parent\b|kBuffer|onconnection|ShutdownWrap|WriteWrap|useUserBuffer|writeQueueSize|\bwriteBuffer\b|getAsyncId|\.push = |process\.binding|internalBinding|getOwnPropertySymbols/;
  const root = join(import.meta.dirname, "..");
  const files = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.includes(".test.") && !path.startsWith("testing/"))
    .filter((path) => names.test(readFileSync(join(root, path), "utf8")));
  expect(files.sort()).toEqual([join("io", "bare-socket.ts"), join("io", "node-internals.ts")]);
});
