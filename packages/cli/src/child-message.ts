/** What a `latchkey` process tells the one that started it, over Node's IPC channel. */

export type ChildMessage =
  | { readonly kind: "ready"; readonly urls: Readonly<Record<string, string>> }
  | { readonly kind: "failed"; readonly message: string; readonly refusedPort: RefusedPort | null };

/** A port that the process could not have; `why`: what is wrong with it (`is taken`). */
export interface RefusedPort {
  readonly port: number;
  readonly why: string;
}

/** Whether this process was forked, taken at load: the channel may close before anyone listens. */
const wasForked = process.connected === true;

/** Tells the parent, and returns whether there is one. */
export function tellParent(message: ChildMessage): boolean {
  if (process.connected !== true) return false;
  process.send?.(message);
  return true;
}

/** The parent's end ends its children, so that a killed supervisor leaves nothing behind. */
export function onParentGone(stop: () => void): void {
  if (!wasForked) return;
  if (process.connected === true) process.once("disconnect", stop);
  else stop();
}
