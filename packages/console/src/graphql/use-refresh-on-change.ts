/** Reads the page again when there is another revision: somebody changed something that nodes enforce. */
import { useEffect, useRef } from "react";
import { useClient } from "urql";
import { refreshPage } from "./client.js";

/** Null: no revision is known yet. */
export function useRefreshOnChange(revision: number | null): void {
  const client = useClient();
  const known = useRef(revision);
  useEffect(() => {
    if (revision === null || revision === known.current) return;
    const isFirst = known.current === null;
    known.current = revision;
    if (!isFirst) refreshPage(client);
  }, [client, revision]);
}
