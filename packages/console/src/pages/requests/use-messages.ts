/** Kept requests that match, newest first, page after page, and those that come while the list is live. */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type CombinedError, useClient } from "urql";
import { type MessageRowFragment, MessagesDocument, MessageTailDocument } from "../../gen/requests.js";
import type { MessageFilter } from "./message-filter.js";
import { useRequestTail } from "./use-request-tail.js";

const PAGE_SIZE = 50;
/** Live rows that are shown; the stored ones are found again by a reload. */
const LIVE_MAX = 500;

export interface Messages {
  /** Null: not known yet. */
  readonly rows: readonly MessageRowFragment[] | null;
  readonly hasMore: boolean;
  /** The search has not looked further back yet. */
  readonly searchedBackTo: string | null;
  readonly isBusy: boolean;
  readonly error: CombinedError | undefined;
  readonly more: () => void;
}

interface Loaded {
  readonly rows: readonly MessageRowFragment[] | null;
  readonly endCursor: string | null;
  readonly hasMore: boolean;
  readonly searchedBackTo: string | null;
  readonly error: CombinedError | undefined;
}

const nothing: Loaded = {
  rows: null,
  endCursor: null,
  hasMore: false,
  searchedBackTo: null,
  error: undefined,
};

export function messageName({ interchangeId, at, nodeId }: MessageRowFragment): string {
  return `${interchangeId} ${at} ${nodeId}`;
}

/** @param filter the same object as long as the same is looked for */
export function useMessages(filter: MessageFilter, isLive: boolean): Messages {
  const client = useClient();
  const [loaded, setLoaded] = useState<Loaded>(nothing);
  const [isBusy, setBusy] = useState(false);
  const asked = useRef(0);
  const load = useCallback(
    async (before: Loaded): Promise<void> => {
      const ask = ++asked.current;
      setBusy(true);
      const variables = { first: PAGE_SIZE, after: before.endCursor, filter };
      const { data, error } = await client
        .query(MessagesDocument, variables, { requestPolicy: "network-only" })
        .toPromise();
      if (ask !== asked.current) return;
      setBusy(false);
      if (data === undefined) {
        setLoaded({ ...before, error });
        return;
      }
      const { nodes, pageInfo, searchedBackTo } = data.messages;
      setLoaded({
        rows: [...(before.rows ?? []), ...nodes],
        endCursor: pageInfo.endCursor,
        hasMore: pageInfo.hasNextPage,
        searchedBackTo,
        error: undefined,
      });
    },
    [client, filter],
  );
  useEffect(() => {
    setLoaded((before) => ({ ...nothing, rows: before.rows }));
    void load(nothing);
  }, [load]);
  const live = useRequestTail({ query: MessageTailDocument, filter, isPaused: !isLive, keptMax: LIVE_MAX });
  const rows = useMemo(() => {
    if (loaded.rows === null) return null;
    const names = new Set(live.map(messageName));
    return [...live, ...loaded.rows.filter((row) => !names.has(messageName(row)))];
  }, [live, loaded.rows]);
  return { ...loaded, rows, isBusy, more: () => void load(loaded) };
}
