/** Kept requests that match, newest first, page after page, and those that come while the list is live. */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type CombinedError, useClient, useSubscription } from "urql";
import { type MessageRowFragment, MessagesDocument, MessageTailDocument } from "../../gen/requests.js";
import type { MessageFilter } from "./message-filter.js";

const PAGE_SIZE = 50;
/** Live rows that are shown; the stored ones are found again by a reload. */
const LIVE_MAX = 500;
/** Requests that come faster are shown together. */
const SHOW_EVERY_MS = 250;

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
  const live = useLiveMessages(filter, isLive);
  const rows = useMemo(() => {
    if (loaded.rows === null) return null;
    const names = new Set(live.map(messageName));
    return [...live, ...loaded.rows.filter((row) => !names.has(messageName(row)))];
  }, [live, loaded.rows]);
  return { ...loaded, rows, isBusy, more: () => void load(loaded) };
}

function useLiveMessages(filter: MessageFilter, isLive: boolean): readonly MessageRowFragment[] {
  const [shown, setShown] = useState<readonly MessageRowFragment[]>([]);
  const arrived = useRef<MessageRowFragment[]>([]);
  useSubscription(
    { query: MessageTailDocument, variables: { filter }, pause: !isLive },
    (_, { requestTail }) => {
      arrived.current.push(requestTail);
      return { requestTail };
    },
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter starts with nothing
  useEffect(() => {
    arrived.current = [];
    setShown([]);
  }, [filter]);
  useEffect(() => {
    if (!isLive) return;
    const timer = setInterval(() => {
      const fresh = arrived.current.splice(0);
      if (fresh.length > 0) setShown((before) => [...fresh.reverse(), ...before].slice(0, LIVE_MAX));
    }, SHOW_EVERY_MS);
    return () => clearInterval(timer);
  }, [isLive]);
  return shown;
}
