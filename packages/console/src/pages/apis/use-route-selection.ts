/** Which routes of the form are selected. With Shift the rows between two clicks are selected along. */
import { useCallback, useMemo, useRef, useState } from "react";
import type { RouteRow } from "./api-form-state.js";

export interface RouteSelection {
  readonly keys: ReadonlySet<string>;
  /** The same function as long as the form is open, so that rows need not render again. */
  readonly select: (key: string, isRange: boolean) => void;
  readonly selectAll: () => void;
  readonly clear: () => void;
}

/** `shown`: the rows that the filter leaves. */
export function useRouteSelection(shown: readonly RouteRow[]): RouteSelection {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const latest = useRef(shown);
  latest.current = shown;
  const last = useRef<string | null>(null);
  const keys = useMemo(
    () => new Set(shown.map(({ key }) => key).filter((key) => chosen.has(key))),
    [shown, chosen],
  );
  const select = useCallback((key: string, isRange: boolean) => {
    const all = latest.current.map((row) => row.key);
    const from = isRange && last.current !== null ? all.indexOf(last.current) : -1;
    const to = all.indexOf(key);
    last.current = key;
    setChosen((before) => {
      const next = new Set(before);
      const isOn = !before.has(key);
      const range = from < 0 ? [key] : all.slice(Math.min(from, to), Math.max(from, to) + 1);
      for (const each of range) {
        if (isOn) next.add(each);
        else next.delete(each);
      }
      return next;
    });
  }, []);
  return {
    keys,
    select,
    selectAll: () => setChosen(keys.size > 0 ? new Set() : new Set(shown.map(({ key }) => key))),
    clear: () => setChosen(new Set()),
  };
}
