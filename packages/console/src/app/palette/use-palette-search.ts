/** Searches on the server once typing settles. The last results stay until the next ones are there. */
import { useEffect, useState } from "react";
import { useClient } from "urql";
import { PaletteDocument, type PaletteQuery } from "../../gen/palette.js";
import { FOUND_MAX } from "./palette-entries.js";

const SETTLE_MS = 150;

export type SearchState = "idle" | "loading" | "failed";

export interface PaletteSearch {
  readonly found: PaletteQuery | null;
  /** What was searched for; another text than the present one while a search is under way. */
  readonly foundFor: string;
  readonly state: SearchState;
}

const nothing: PaletteSearch = { found: null, foundFor: "", state: "idle" };

export function usePaletteSearch(text: string): PaletteSearch {
  const client = useClient();
  const [search, setSearch] = useState<PaletteSearch>(nothing);
  useEffect(() => {
    if (text === "") {
      setSearch(nothing);
      return;
    }
    let isCurrent = true;
    setSearch((before) => ({ ...before, state: "loading" }));
    async function ask(): Promise<void> {
      // One route more than is shown says whether there are more.
      const variables = { text, first: FOUND_MAX, routes: FOUND_MAX + 1 };
      const { data } = await client
        .query(PaletteDocument, variables, { requestPolicy: "network-only" })
        .toPromise();
      if (!isCurrent) return;
      setSearch(
        data === undefined
          ? { found: null, foundFor: text, state: "failed" }
          : { found: data, foundFor: text, state: "idle" },
      );
    }
    const timer = setTimeout(() => void ask(), SETTLE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [client, text]);
  return search;
}
