/** The routes that lead to an integration: filter, and another integration for those that are selected. */
import { TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useQuery } from "urql";
import { IntegrationUsesDocument } from "../../gen/where-used.js";
import { Failure } from "../../ui/failure.js";
import { Icon } from "../../ui/icon.js";
import { Panel } from "../../ui/page.js";
import { RowsSkeleton } from "../../ui/skeletons.js";
import { Table } from "../../ui/table.js";
import toolbar from "../../ui/toolbar.module.css";
import { useSelection } from "../../ui/use-list.js";
import { SwapBar } from "./swap-bar.js";
import { type RouteUse, routesUsing, usesColumns } from "./where-used-rows.js";

const SETTLE_MS = 200;

export interface WhereUsedProps {
  readonly integration: {
    readonly id: string;
    readonly name: string;
    readonly routeCount: number;
    readonly subscription: { readonly id: string };
  };
}

/** Of its panel. */
export function usedByTitle({ routeCount }: { readonly routeCount: number }): string {
  return `Used by ${routeCount.toLocaleString("en")} ${routeCount === 1 ? "route" : "routes"}`;
}

export function WhereUsed({ integration }: WhereUsedProps) {
  const { id, routeCount } = integration;
  const [text, setText] = useState("");
  const [search] = useDebouncedValue(text.trim(), SETTLE_MS);
  const [{ data, error, fetching, stale }, execute] = useQuery({
    query: IntegrationUsesDocument,
    variables: { id, search: search === "" ? null : search },
    requestPolicy: "cache-and-network",
  });
  const rows = data === undefined ? null : routesUsing(data.apis.nodes, id, search);
  const { selection, clearSelection } = useSelection(rows);
  const selected = (rows ?? []).filter((row) => selection.ids.has(row.id));
  const refetch = () => execute({ requestPolicy: "network-only" });
  const apisLeft = data === undefined ? 0 : data.apis.totalCount - data.apis.nodes.length;
  return (
    <Panel
      title={usedByTitle(integration)}
      description="Select routes to move them to another integration. Clients do not notice."
      padded={false}
    >
      {(routeCount > 0 || text !== "") && (
        <search className={toolbar.toolbar}>
          <TextInput
            type="search"
            size="xs"
            aria-label="Filter routes"
            placeholder="Filter by API or path"
            leftSection={<Icon name="search" size={14} />}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
            autoComplete="off"
            spellCheck={false}
          />
        </search>
      )}
      {error !== undefined && rows === null && <Failure error={error} retry={refetch} />}
      {rows === null && error === undefined && <RowsSkeleton rows={3} />}
      {rows?.length === 0 && <Nothing isFiltered={text !== ""} />}
      {rows !== null && rows.length > 0 && (
        <>
          <Table
            caption="routes"
            columns={usesColumns}
            rows={rows}
            rowKey={(row: RouteUse) => row.id}
            rowName={(row: RouteUse) => `${row.method} ${row.path} of ${row.apiTitle}`}
            isBusy={fetching || stale}
            selection={selection}
          />
          <SwapBar routes={selected} from={integration} onDone={refetch} onClear={clearSelection} />
          {apisLeft > 0 && <Nothing isFiltered={false} more={apisLeft} />}
        </>
      )}
    </Panel>
  );
}

function Nothing({ isFiltered, more = 0 }: { readonly isFiltered: boolean; readonly more?: number }) {
  const text =
    more > 0
      ? `${more.toLocaleString("en")} more APIs lead here: filter to find them.`
      : isFiltered
        ? "No route matches."
        : "No route leads here yet.";
  return <p className={`lk-muted ${toolbar.note}`}>{text}</p>;
}
