/** A list's search, filters and cursor, kept in the address: a reload, a bookmark and the back button hold them. */
import { useCallback } from "react";
import { useSearchParams } from "react-router";

export interface ListParams {
  readonly get: (name: string) => string;
  /** Sets filters and goes back to the first page. Replaces the history entry, so that Back leaves the list. */
  readonly set: (changes: Readonly<Record<string, string | null>>) => void;
  readonly page: (move: { readonly after: string } | { readonly before: string }) => void;
  /** Arguments of the connection. */
  readonly paging: (size: number) => {
    readonly first: number | null;
    readonly after: string | null;
    readonly last: number | null;
    readonly before: string | null;
  };
}

export function useListParams(): ListParams {
  const [params, setParams] = useSearchParams();
  const set = useCallback(
    (changes: Readonly<Record<string, string | null>>) => {
      setParams(
        (current) => {
          const next = new URLSearchParams(current);
          next.delete("after");
          next.delete("before");
          for (const [name, value] of Object.entries(changes)) {
            if (value === null || value === "") next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace: true },
      );
    },
    [setParams],
  );
  const page = useCallback(
    (move: { readonly after: string } | { readonly before: string }) => {
      setParams((current) => {
        const next = new URLSearchParams(current);
        next.delete("after");
        next.delete("before");
        if ("after" in move) next.set("after", move.after);
        else next.set("before", move.before);
        return next;
      });
      window.scrollTo({ top: 0 });
    },
    [setParams],
  );
  const after = params.get("after");
  const before = params.get("before");
  return {
    get: (name) => params.get(name) ?? "",
    set,
    page,
    paging: (size) =>
      before === null
        ? { first: size, after, last: null, before: null }
        : { first: null, after: null, last: size, before },
  };
}
