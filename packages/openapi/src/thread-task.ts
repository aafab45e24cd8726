/** The thread's side of document-threads.ts: runs the one task of a thread. */
import { parentPort, workerData } from "node:worker_threads";
import type { ThreadMessage } from "./document-threads.js";
import { ownThreadId } from "./thread-cpu.js";

export function serveTask<Task, T>(run: (task: Task) => T): void {
  const send = (message: ThreadMessage<T>): void => parentPort?.postMessage(message);
  send({ kind: "started", threadId: ownThreadId() });
  send({ kind: "done", value: run(workerData as Task) });
}
