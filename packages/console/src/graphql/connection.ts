/** Whether the live connection stands, and if not, whether the control plane responds at all. */
import { useEffect, useState, useSyncExternalStore } from "react";

/** A shorter break is a reconnect, not worth a word. */
const SHORT_MS = 1_000;

/** `blocked`: the control plane responds over HTTP, and WebSockets do not get to it. */
type Break = "lost" | "blocked";

let broken: Break | null = "lost";
const listeners = new Set<() => void>();

function become(state: Break | null): void {
  broken = state;
  for (const listener of listeners) listener();
}

export function markConnected(): void {
  become(null);
}

export function markLost(): void {
  become("lost");
}

/** Says why a connection that does not stand cannot be opened. One that stands by now is left alone. */
export function markCause(cause: Break): void {
  if (broken !== null) become(cause);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useIsConnected(): boolean {
  return useSyncExternalStore(subscribe, () => broken === null);
}

/** What is wrong, once there was no connection for more than a moment; else null. */
export function useBreak(): Break | null {
  const current = useSyncExternalStore(subscribe, () => broken);
  const isThere = current === null;
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    if (isThere) {
      setLong(false);
      return;
    }
    const timer = setTimeout(() => setLong(true), SHORT_MS);
    return () => clearTimeout(timer);
  }, [isThere]);
  return isLong ? current : null;
}
