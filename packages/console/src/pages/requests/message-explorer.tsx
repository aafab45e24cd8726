/** Finds requests: filters at the left, a histogram on top, the list below, and one request at the side. */
import { Button } from "@mantine/core";
import { useMemo, useState } from "react";
import { useLocation } from "react-router";
import { clockMs } from "../../ui/clock.js";
import { EmptyState } from "../../ui/empty-state.js";
import { Failure } from "../../ui/failure.js";
import { Icon } from "../../ui/icon.js";
import { LiveTag } from "../../ui/live-tag.js";
import { Panel } from "../../ui/page.js";
import { RowsSkeleton } from "../../ui/skeletons.js";
import { Table } from "../../ui/table.js";
import { useListParams } from "../../ui/use-list-params.js";
import { messageColumns, messageTime } from "./message-columns.js";
import { MessageDrawer } from "./message-drawer.js";
import { filterNames, messageFilter, timesOf } from "./message-filter.js";
import { MessageFilters } from "./message-filters.js";
import { MessageHistogram } from "./message-histogram.js";
import classes from "./requests.module.css";
import { type Messages, messageName, useMessages } from "./use-messages.js";

/** @param apiId only of this API; null: of all, and of requests without a known key */
export function MessageExplorer({ apiId }: { readonly apiId: string | null }) {
  const params = useListParams();
  const { search } = useLocation();
  const [untilMs, setUntilMs] = useState(clockMs);
  const [isLive, setLive] = useState(false);
  const wanted = JSON.stringify({ ...messageFilter(params.get, apiId), ...timesOf(params.get, untilMs) });
  const filter = useMemo(() => JSON.parse(wanted) as ReturnType<typeof messageFilter>, [wanted]);
  const messages = useMessages(filter, isLive);
  const { rows, error } = messages;
  const opened = params.get("message") || null;
  const isFiltered = filterNames.some((name) => params.get(name) !== "");
  const linkTo = ({ interchangeId }: { readonly interchangeId: string }) => {
    const next = new URLSearchParams(search);
    next.set("message", interchangeId);
    return `?${next}`;
  };
  return (
    <div className={classes.explorer}>
      <MessageFilters params={params} apiId={apiId} />
      <div className={classes.found}>
        <MessageHistogram filter={filter} />
        <Panel
          title="Requests"
          padded={false}
          actions={
            <>
              {isLive && <LiveTag />}
              <Button size="xs" variant="default" aria-pressed={isLive} onClick={() => setLive(!isLive)}>
                {isLive ? "Stop following" : "Follow"}
              </Button>
              <Button
                size="xs"
                variant="default"
                leftSection={<Icon name="refresh" size={14} />}
                onClick={() => setUntilMs(clockMs())}
              >
                Refresh
              </Button>
            </>
          }
        >
          {rows === null && error === undefined && <RowsSkeleton />}
          {rows !== null && rows.length > 0 && (
            <Table
              caption="requests"
              columns={messageColumns(linkTo, apiId !== null)}
              rows={rows}
              rowKey={messageName}
              isBusy={messages.isBusy}
            />
          )}
          {rows !== null && rows.length === 0 && !messages.isBusy && !messages.hasMore && (
            <Nothing isFiltered={isFiltered} />
          )}
          {error !== undefined && <Failure error={error} retry={() => setUntilMs(clockMs())} />}
          <More messages={messages} />
        </Panel>
      </div>
      <MessageDrawer
        interchangeId={opened}
        listed={rows?.find(({ interchangeId }) => interchangeId === opened) ?? null}
        onClose={() => params.keep({ message: null })}
      />
    </div>
  );
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered)
    return (
      <EmptyState icon="search" title="No request matches">
        Ids, status and error code must match exactly. Clear a filter, or search a longer time.
      </EmptyState>
    );
  return (
    <EmptyState icon="list-search" title="No requests in this time">
      Send one through the ingress, for example from “Try it”, and it appears here after a second or two.
    </EmptyState>
  );
}

function More({ messages }: { readonly messages: Messages }) {
  const { rows, hasMore, searchedBackTo, isBusy, more } = messages;
  if (rows === null || rows.length === 0 ? searchedBackTo === null : !hasMore) return null;
  return (
    <p className={classes.more}>
      {searchedBackTo !== null && (
        <span className="lk-muted">Searched back to {messageTime(searchedBackTo)}.</span>
      )}
      <Button size="xs" variant="default" loading={isBusy} onClick={more}>
        {searchedBackTo === null ? "Show more" : "Search further"}
      </Button>
    </p>
  );
}
