/** Whether the live connection stands, and so whether the control plane responds. */
import { useEffect, useState, useSyncExternalStore } from "react";

/** A shorter break is a reconnect, not worth a word. */
const SHORT_MS = 1_000;

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

/** True once there was no connection for more than a moment. */
export function useIsLost(): boolean {
  const isThere = useIsConnected();
  const [isLost, setLost] = useState(false);
  useEffect(() => {
    if (isThere) {
      setLost(false);
      return;
    }
    const timer = setTimeout(() => setLost(true), SHORT_MS);
    return () => clearTimeout(timer);
  }, [isThere]);
  return isLost;
}
