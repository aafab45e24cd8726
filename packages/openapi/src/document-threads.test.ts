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
    expect(await threads.run(echo, { a: [1, "b"] }, "a")).toEqual({ kind: "done", value: { a: [1, "b"] } });
  });

  it.runIf(existsSync("/proc/thread-self"))(
    "counts the CPU time of a thread, not the time it waits",
    async () => {
      // The start of a thread takes some of it.
      const threads = new DocumentThreads({ cpuMsMax: 1_000 });
      expect(await threads.run(sleep, 2_500, "a")).toEqual({ kind: "done", value: 2_500 });
      expect(await threads.run(spin, null, "a")).toEqual({ kind: "slow" });
    },
  );

  it("gives up on a thread that gets no CPU time, at last", async () => {
    expect(await new DocumentThreads({ timeMsMax: 300 }).run(sleep, 60_000, "a")).toEqual({ kind: "slow" });
  });

  it("gives up on a thread that takes too much memory", async () => {
    const hoard = entryOf("const all = []; for (;;) all.push({ all: [all.length] });");
    expect(await new DocumentThreads({ heapMibMax: 24 }).run(hoard, null, "a")).toEqual({
      kind: "out_of_memory",
    });
  });

  it("lets tasks of all kinds wait for each other, but not too many", async () => {
    const threads = new DocumentThreads({ threadsMax: 1, waitingMax: 1 });
    const outcomes = await Promise.all([
      threads.run(sleep, 50, "a"),
      threads.run(echo, 1, "a"),
      threads.run(echo, 2, "a"),
    ]);
    expect(outcomes).toEqual([{ kind: "done", value: 50 }, { kind: "done", value: 1 }, { kind: "busy" }]);
    expect(await threads.run(echo, 3, "a")).toEqual({ kind: "done", value: 3 });
  });

  describe("with several owners", () => {
    const wait = entryOf("Atomics.wait(task, 0, 0); return 0;");
    const gate = () => new Int32Array(new SharedArrayBuffer(4));
    const open = (gate: Int32Array<SharedArrayBuffer>) => {
      Atomics.store(gate, 0, 1);
      Atomics.notify(gate, 0);
    };

    it("leaves a thread to the others, whatever one of them has asked for", async () => {
      const threads = new DocumentThreads({ waitingMax: 4 });
      const held = gate();
      const greedy = Array.from({ length: 8 }, () => threads.run(wait, held, "a"));
      expect(await threads.run(echo, 1, "b")).toEqual({ kind: "done", value: 1 });
      open(held);
      const kinds = (await Promise.all(greedy)).map(({ kind }) => kind);
      // One ran, and four were let wait.
      expect(kinds.toSorted()).toEqual([...Array(3).fill("busy"), ...Array(5).fill("done")]);
    });

    it("gives each its turn, however many tasks the others let wait", async () => {
      const threads = new DocumentThreads({ threadsMax: 1 });
      const [held, ended] = [gate(), [] as string[]];
      const run = async (owner: string, task: unknown, entry = echo) => {
        await threads.run(entry, task, owner);
        ended.push(owner);
      };
      const all = [run("a", held, wait), ...["a", "a", "a", "b", "b", "c"].map((owner) => run(owner, 0))];
      open(held);
      await Promise.all(all);
      expect(ended).toEqual(["a", "a", "b", "c", "a", "b", "a"]);
    });

    it("refuses nobody a place because another one has taken most of them", async () => {
      const threads = new DocumentThreads({ threadsMax: 1, waitingMax: 4 });
      const held = gate();
      const running = threads.run(wait, held, "a");
      const of = (owner: string, task: number) => threads.run(echo, `${owner}${task}`, owner);
      const all = [
        of("a", 1),
        of("a", 2),
        of("a", 3),
        of("a", 4),
        of("b", 1),
        of("b", 2),
        of("b", 3),
        of("c", 1),
      ];
      open(held);
      await running;
      const values = (await Promise.all(all)).map((one) => (one.kind === "done" ? one.value : one.kind));
      expect(values).toEqual(["a1", "busy", "busy", "busy", "b1", "b2", "busy", "c1"]);
    });
  });

  it("fails for a fault of the program, and goes on", async () => {
    const threads = new DocumentThreads({ threadsMax: 1 });
    await expect(threads.run(entryOf("throw new Error('no');"), null, "a")).rejects.toThrow("no");
    expect(await threads.run(echo, 1, "a")).toEqual({ kind: "done", value: 1 });
  });
});
