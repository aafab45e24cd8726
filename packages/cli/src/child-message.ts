/** What a `latchkey` process tells the one that started it, over Node's IPC channel. */

export type ChildMessage =
  | { readonly kind: "ready"; readonly urls: Readonly<Record<string, string>> }
  | { readonly kind: "failed"; readonly message: string; readonly takenPort: number | null };

/** Whether somebody forked this process, taken at load: the channel may close before anyone listens. */
const wasForked = process.connected === true;

/** Tells the parent, when there is one. */
export function tellParent(message: ChildMessage): void {
  if (process.connected === true) process.send?.(message);
}

/** The parent's end ends its children, so that a killed supervisor leaves nothing behind. */
export function onParentGone(stop: () => void): void {
  if (!wasForked) return;
  if (process.connected === true) process.once("disconnect", stop);
  else stop();
}
