/** What ends a thread: its CPU time and its memory, not that the machine is busy. */
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DocumentThreads } from "./document-threads.js";

const taskModule = new URL("../dist/thread-task.js", import.meta.url);

/** A thread that runs this function of its task. */
function entryOf(body: string): URL {
  const source = `import { serveTask } from ${JSON.stringify(taskModule.href)}; serveTask((task) => { ${body} });`;
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`);
}

const echo = entryOf("return task;");
const sleep = entryOf("Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, task); return task;");
const spin = entryOf("for (;;) Math.random();");

describe("DocumentThreads", () => {
  it("runs a task and ends the thread", async () => {
    const threads = new DocumentThreads();
    expect(await threads.run(echo, { a: [1, "b"] })).toEqual({ kind: "done", value: { a: [1, "b"] } });
  });

  it.runIf(existsSync("/proc/thread-self"))(
    "counts the CPU time of a thread, not the time it waits",
    async () => {
      // The start of a thread takes some of it.
      const threads = new DocumentThreads({ cpuMsMax: 1_000 });
      expect(await threads.run(sleep, 2_500)).toEqual({ kind: "done", value: 2_500 });
      expect(await threads.run(spin, null)).toEqual({ kind: "slow" });
    },
  );

  it("gives up on a thread that gets no CPU time, at last", async () => {
    expect(await new DocumentThreads({ timeMsMax: 300 }).run(sleep, 60_000)).toEqual({ kind: "slow" });
  });

  it("gives up on a thread that takes too much memory", async () => {
    const hoard = entryOf("const all = []; for (;;) all.push({ all: [all.length] });");
    expect(await new DocumentThreads({ heapMibMax: 24 }).run(hoard, null)).toEqual({ kind: "out_of_memory" });
  });

  it("lets tasks of all kinds wait for each other, but not too many", async () => {
    const threads = new DocumentThreads({ threadsMax: 1, waitingMax: 1 });
    const outcomes = await Promise.all([threads.run(sleep, 50), threads.run(echo, 1), threads.run(echo, 2)]);
    expect(outcomes).toEqual([{ kind: "done", value: 50 }, { kind: "done", value: 1 }, { kind: "busy" }]);
    expect(await threads.run(echo, 3)).toEqual({ kind: "done", value: 3 });
  });

  it("fails for a fault of the program, and goes on", async () => {
    const threads = new DocumentThreads({ threadsMax: 1 });
    await expect(threads.run(entryOf("throw new Error('no');"), null)).rejects.toThrow("no");
    expect(await threads.run(echo, 1)).toEqual({ kind: "done", value: 1 });
  });
});
