/**
 * Runs what takes long with a document (reading, writing) in threads, so that nobody else waits for it. All of it shares one
 * bound: so many threads at a time, so many tasks that wait, and for each an end to its CPU time and its memory. No owner of
 * tasks has all threads, nor more than half of the places to wait. A thread runs one task and ends; what a task does to its
 * memory ends with it.
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
  /** Tasks that wait; more are refused. Default: 16. */
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

interface Waiting {
  readonly owner: string;
  readonly start: () => void;
}

/** Not less than this between two looks at the CPU time of a thread. */
const LOOK_MS_MIN = 50;

export class DocumentThreads {
  readonly limits: ThreadLimits;
  readonly #waiting: Waiting[] = [];
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
    else if (this.#mayWait(owner))
      // Whoever ends puts the next one among those that run.
      await new Promise<void>((start) => this.#waiting.push({ owner, start }));
    else return { kind: "busy" };
    try {
      return await this.#start<T>(entry, task);
    } finally {
      this.#running.splice(this.#running.indexOf(owner), 1);
      const index = this.#waiting.findIndex((waiting) => this.#mayStart(waiting.owner));
      const [next] = index < 0 ? [] : this.#waiting.splice(index, 1);
      if (next !== undefined) {
        this.#running.push(next.owner);
        next.start();
      }
    }
  }

  #mayStart(owner: string): boolean {
    const { threadsMax } = this.limits;
    const own = this.#running.filter((running) => running === owner).length;
    return this.#running.length < threadsMax && own < Math.max(1, threadsMax - 1);
  }

  #mayWait(owner: string): boolean {
    const { waitingMax } = this.limits;
    const own = this.#waiting.filter((waiting) => waiting.owner === owner).length;
    return this.#waiting.length < waitingMax && own < Math.max(1, waitingMax / 2);
  }

  #start<T>(entry: string | URL, task: unknown): Promise<ThreadOutcome<T>> {
    const { cpuMsMax, timeMsMax, heapMibMax } = this.limits;
    const worker = new Worker(entry, {
      workerData: task,
      // What the process was started with (loaders, inspectors) is not the thread's.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: heapMibMax },
    });
    let timer: NodeJS.Timeout | undefined;
    let look: NodeJS.Timeout | undefined;
    return new Promise<ThreadOutcome<T>>((resolve, reject) => {
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
    }).finally(() => {
      clearTimeout(timer);
      clearTimeout(look);
      return worker.terminate();
    });
  }
}
