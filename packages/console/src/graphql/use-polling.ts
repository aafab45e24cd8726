/** Asks a query again at an interval, while the page is in sight; at once when it comes back into sight. */
import { useEffect } from "react";
import type { OperationContext } from "urql";

export function usePolling(
  execute: (context: Partial<OperationContext>) => void,
  intervalMs: number,
  isPaused = false,
): void {
  useEffect(() => {
    if (isPaused) return;
    let timer: ReturnType<typeof setInterval> | undefined;
    const ask = () => execute({ requestPolicy: "network-only" });
    const follow = () => {
      clearInterval(timer);
      timer = document.hidden ? undefined : setInterval(ask, intervalMs);
    };
    const onVisibility = () => {
      if (!document.hidden) ask();
      follow();
    };
    follow();
    document.addEventListener("visibilitychange", onVisibility);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", onVisibility);
    };
  }, [execute, intervalMs, isPaused]);
}
