/** APIs by title, summary or path, while a list of them is open. The last results stay until the next ones are there. */
import { useEffect, useState } from "react";
import { useClient } from "urql";
import { ApiOptionsDocument, type ApiOptionsQuery } from "../../gen/api-options.js";

const FOUND_MAX = 30;
const SETTLE_MS = 150;

export interface ApiSearch {
  readonly apis: ApiOptionsQuery["apis"]["nodes"];
  readonly total: number;
  readonly state: "loading" | "ready" | "failed";
}

const nothing: ApiSearch = { apis: [], total: 0, state: "loading" };

export function useApiSearch(text: string, isOpen: boolean): ApiSearch {
  const client = useClient();
  const [found, setFound] = useState(nothing);
  useEffect(() => {
    if (!isOpen) return;
    let isCurrent = true;
    async function ask(): Promise<void> {
      const filter = text.trim() === "" ? null : { search: text };
      const { data } = await client
        .query(ApiOptionsDocument, { first: FOUND_MAX, filter }, { requestPolicy: "network-only" })
        .toPromise();
      if (!isCurrent) return;
      if (data === undefined) setFound({ apis: [], total: 0, state: "failed" });
      else setFound({ apis: data.apis.nodes, total: data.apis.totalCount, state: "ready" });
    }
    const timer = setTimeout(() => void ask(), text === "" ? 0 : SETTLE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [client, text, isOpen]);
  return found;
}
