/** Adding, removing and moving rows. All but `add` stay the same functions, so that rows need not render again. */
import { useCallback, useRef, useState } from "react";
import { type ApiFormChange, newRouteRow, type RouteRow } from "./api-form-state.js";

export function useRouteRowActions(
  rows: readonly RouteRow[],
  focusOn: (focus: string, key: string) => void,
  onChange: (change: ApiFormChange) => void,
) {
  const [announcement, setAnnouncement] = useState("");
  const dragged = useRef<string | null>(null);
  const shown = useRef(rows);
  shown.current = rows;

  const move = useCallback(
    (key: string, from: number, to: number, count: number, focus: string) => {
      if (to < 0 || to >= count) return;
      focusOn(focus, key);
      onChange({ kind: "moveRoute", key, to });
      setAnnouncement(`Route ${from + 1} moved to place ${to + 1} of ${count}.`);
    },
    [focusOn, onChange],
  );

  const remove = useCallback(
    (key: string, index: number) => {
      const neighbor = shown.current[index + 1] ?? shown.current[index - 1];
      if (neighbor !== undefined) focusOn("path", neighbor.key);
      onChange({ kind: "removeRoute", key });
      setAnnouncement(`Route ${index + 1} removed.`);
    },
    [focusOn, onChange],
  );

  const drag = useCallback((key: string) => {
    dragged.current = key;
  }, []);

  const drop = useCallback(
    (to: number) => {
      const key = dragged.current;
      dragged.current = null;
      if (key !== null) onChange({ kind: "moveRoute", key, to });
    },
    [onChange],
  );

  function add(): void {
    const last = rows.at(-1);
    const row = newRouteRow({ method: last?.method ?? "GET", integration: last?.integration ?? null });
    focusOn("path", row.key);
    onChange({ kind: "addRoute", row });
  }

  return { announcement, move, remove, drag, drop, add };
}
