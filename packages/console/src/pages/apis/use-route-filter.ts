/**
 * The routes that a filter leaves: every word must be in the method, the path or the integration's name. A row that is
 * edited stays, whatever it says then; so does a new one.
 */
import { useMemo, useState } from "react";
import type { RouteRow } from "./api-form-state.js";

export interface RouteFilter {
  readonly text: string;
  readonly setText: (text: string) => void;
  readonly shown: readonly RouteRow[];
}

const nothing: ReadonlySet<string> = new Set();

export function useRouteFilter(rows: readonly RouteRow[]): RouteFilter {
  const [{ text, hidden }, setFilter] = useState({ text: "", hidden: nothing });
  const shown = useMemo(
    () => (hidden.size === 0 ? rows : rows.filter(({ key }) => !hidden.has(key))),
    [rows, hidden],
  );
  return {
    text,
    setText(next) {
      const words = next.toLowerCase().split(/\s+/).filter(Boolean);
      const isLeftOut = ({ method, path, integration }: RouteRow) => {
        const line = `${method} ${path} ${integration?.label ?? ""}`.toLowerCase();
        return !words.every((word) => line.includes(word));
      };
      setFilter({ text: next, hidden: new Set(rows.filter(isLeftOut).map(({ key }) => key)) });
    },
    shown,
  };
}
