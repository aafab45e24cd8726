/** Adding, removing and moving rows. All but the additions stay the same functions, so that rows need not render again. */
import { useCallback, useRef, useState } from "react";
import { counted } from "../../ui/format.js";
import type { Option } from "../../ui/remote-select.js";
import { toastWithUndo } from "../../ui/undo-toast.js";
import { type ApiFormChange, newRouteRow, type RouteRow } from "./api-form-state.js";

/** Of the message that can take a change of routes back. */
export const ROUTES_TOPIC = "routes";

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

  const removeAll = useCallback(
    (keys: ReadonlySet<string>) => {
      const removed = shown.current
        .map((row, index) => ({ row, index }))
        .filter(({ row }) => keys.has(row.key));
      onChange({ kind: "removeRoutes", keys });
      const [first] = removed;
      if (first === undefined) return;
      const what =
        removed.length === 1
          ? `${first.row.method} ${first.row.path} removed`
          : `${removed.length} routes removed`;
      toastWithUndo(
        what,
        () => {
          onChange({ kind: "restoreRoutes", removed });
          return null;
        },
        ROUTES_TOPIC,
      );
    },
    [onChange],
  );

  const remove = useCallback(
    (key: string, index: number) => {
      const neighbor = shown.current[index + 1] ?? shown.current[index - 1];
      if (neighbor !== undefined) focusOn("path", neighbor.key);
      removeAll(new Set([key]));
      setAnnouncement(`Route ${index + 1} removed.`);
    },
    [focusOn, removeAll],
  );

  const moveTo = useCallback(
    (keys: ReadonlySet<string>, integration: Option) => {
      const before = new Map(
        shown.current.filter(({ key }) => keys.has(key)).map((row) => [row.key, row.integration] as const),
      );
      onChange({ kind: "setIntegrations", of: new Map([...keys].map((key) => [key, integration] as const)) });
      toastWithUndo(
        `${keys.size === 1 ? "1 route leads" : `${keys.size} routes lead`} to “${integration.label}”. Save to apply.`,
        () => {
          onChange({ kind: "setIntegrations", of: before });
          return null;
        },
        ROUTES_TOPIC,
      );
    },
    [onChange],
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
    onChange({ kind: "addRoutes", rows: [row] });
  }

  function addAll(added: readonly RouteRow[]): void {
    const [first] = added;
    if (first !== undefined) focusOn("path", first.key);
    onChange({ kind: "addRoutes", rows: added });
    setAnnouncement(`${counted(added.length, "route")} added.`);
  }

  return { announcement, move, remove, removeAll, moveTo, drag, drop, add, addAll };
}
