/**
 * Changes parameters of the address. Starts from the address itself: two changes in a row keep each other, where those of
 * `useSearchParams` start from the last render.
 */
import { useCallback } from "react";
import { type NavigateOptions, useNavigate } from "react-router";

/** Null and an empty text take a parameter out. */
export type ParamChanges = Readonly<Record<string, string | null>>;

export function useChangeParams(): (changes: ParamChanges, options?: NavigateOptions) => void {
  const navigate = useNavigate();
  return useCallback(
    (changes, options) => {
      const next = new URLSearchParams(window.location.search);
      for (const [name, value] of Object.entries(changes)) {
        if (value === null || value === "") next.delete(name);
        else next.set(name, value);
      }
      void navigate(`?${next}`, { preventScrollReset: true, ...options });
    },
    [navigate],
  );
}
