/** Whether the live connection stands. Only views that show live data ask. */
import { useSyncExternalStore } from "react";

let isConnected = false;
const listeners = new Set<() => void>();

export function markConnected(connected: boolean): void {
  isConnected = connected;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useIsConnected(): boolean {
  return useSyncExternalStore(subscribe, () => isConnected);
}
