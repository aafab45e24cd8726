/**
 * Runs what takes long with a document (reading, writing) in threads, so that nobody else waits for it. All of it shares one
 * bound: so many threads at a time, so many tasks that wait, and for each an end to its CPU time and its memory. No owner of
 * tasks has all threads. Owners take turns, and none is refused a place to wait because another one has taken most of them.
 * A thread runs one task and ends; what a task does to its memory ends with it.
 */
import { Worker } from "node:worker_threads";
import { threadCpuMs } from "./thread-cpu.js";

export interface ThreadLimits {
  /** CPU time of the thread, its start included. Default: 20,000. */
  readonly cpuMsMax: number;
  /** Time of the thread, however little CPU time it got; also where CPU time is not known. Default: 120,000. */
  readonly timeMsMax: number;
  /** Of the thread's heap. Default: 1,024. */
  readonly heapMibMax: number;
  /** Threads at a time; other tasks wait. Default: 2. */
  readonly threadsMax: number;
  /** Tasks that wait, of all owners; more are refused. Default: 16. */
  readonly waitingMax: number;
}

export const defaultThreadLimits: ThreadLimits = {
  cpuMsMax: 20_000,
  timeMsMax: 120_000,
  heapMibMax: 1024,
  threadsMax: 2,
  waitingMax: 16,
};

export type ThreadOutcome<T> =
  | { readonly kind: "done"; readonly value: T }
  /** Too many tasks wait. */
  | { readonly kind: "busy" }
  | { readonly kind: "slow" }
  | { readonly kind: "out_of_memory" };

/** A thread's messages: its id for the system, then what came of the task. */
export type ThreadMessage<T> =
  | { readonly kind: "started"; readonly threadId: number | null }
  | { readonly kind: "done"; readonly value: T };

/** Ends the waiting of a task. @param mayStart false: another owner's task takes its place */
type EndWaiting = (mayStart: boolean) => void;

/** Not less than this between two looks at the CPU time of a thread. */
const LOOK_MS_MIN = 50;

export class DocumentThreads {
  readonly limits: ThreadLimits;
  /** Tasks that wait, by their owner; the owner who comes first is the next to start one. No list is empty. */
  readonly #waiting = new Map<string, EndWaiting[]>();
  /** Owners of the tasks that run. */
  readonly #running: string[] = [];

  constructor(limits: Partial<ThreadLimits> = {}) {
    this.limits = { ...defaultThreadLimits, ...limits };
  }

  /**
   * Runs the task in a thread. Rejects only for a fault of the program.
   *
   * @param entry of the thread, which calls `serveTask` of thread-task.ts
   * @param task is copied: large parts of it are better given as texts
   * @param owner shares its part of the threads with nobody else
   */
  async run<T>(entry: string | URL, task: unknown, owner: string): Promise<ThreadOutcome<T>> {
    if (this.#mayStart(owner)) this.#running.push(owner);
    else if (!(await this.#wait(owner))) return { kind: "busy" };
    try {
      return await this.#start<T>(entry, task);
    } finally {
      this.#running.splice(this.#running.indexOf(owner), 1);
      this.#startNext();
    }
  }

  #mayStart(owner: string): boolean {
    const { threadsMax } = this.limits;
    const own = this.#running.filter((running) => running === owner).length;
    return this.#running.length < threadsMax && own < Math.max(1, threadsMax - 1);
  }

  /** Resolves once the owner is among those that run, or to false when the task cannot wait any longer. */
  #wait(owner: string): Promise<boolean> {
    if (!this.#hasPlace(owner)) return Promise.resolve(false);
    return new Promise((end) => {
      const own = this.#waiting.get(owner);
      if (own === undefined) this.#waiting.set(owner, [end]);
      else own.push(end);
    });
  }

  /** Where all places are taken, the last task of the owner with most of them makes room for an owner with fewer. */
  #hasPlace(owner: string): boolean {
    let count = 0;
    let most: EndWaiting[] = [];
    for (const tasks of this.#waiting.values()) {
      count += tasks.length;
      if (tasks.length > most.length) most = tasks;
    }
    if (count < this.limits.waitingMax) return true;
    const own = this.#waiting.get(owner)?.length ?? 0;
    if (own + 1 >= most.length) return false;
    most.pop()?.(false);
    return true;
  }

  #startNext(): void {
    for (const [owner, tasks] of this.#waiting) {
      if (!this.#mayStart(owner)) continue;
      const end = tasks.shift();
      this.#waiting.delete(owner);
      if (tasks.length > 0) this.#waiting.set(owner, tasks); // behind the others
      this.#running.push(owner);
      end?.(true);
      return;
    }
  }

  async #start<T>(entry: string | URL, task: unknown): Promise<ThreadOutcome<T>> {
    const { cpuMsMax, timeMsMax, heapMibMax } = this.limits;
    const worker = new Worker(entry, {
      workerData: task,
      // What the process was started with (loaders, inspectors) is not the thread's.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: heapMibMax },
    });
    let timer: NodeJS.Timeout | undefined;
    let look: NodeJS.Timeout | undefined;
    const outcome = new Promise<ThreadOutcome<T>>((resolve, reject) => {
      timer = setTimeout(() => resolve({ kind: "slow" }), timeMsMax);
      const lookAt = (threadId: number): void => {
        const left = cpuMsMax - (threadCpuMs(threadId) ?? 0);
        if (left <= 0) resolve({ kind: "slow" });
        // A thread uses no more CPU time than time.
        else look = setTimeout(lookAt, Math.max(left, LOOK_MS_MIN), threadId);
      };
      worker.on("message", (message: ThreadMessage<T>) => {
        if (message.kind === "done") resolve(message);
        else if (message.threadId !== null) lookAt(message.threadId);
        else look = setTimeout(() => resolve({ kind: "slow" }), cpuMsMax);
      });
      worker.once("error", (error: Error & { readonly code?: string }) => {
        if (error.code === "ERR_WORKER_OUT_OF_MEMORY") resolve({ kind: "out_of_memory" });
        else reject(error);
      });
      worker.once("exit", () => reject(new Error("the thread of a document ended without a result")));
    });
    try {
      return await outcome;
    } finally {
      clearTimeout(timer);
      clearTimeout(look);
      await worker.terminate();
    }
  }
}
