/** A list on its surface: search and filters, rows or what stands in their place, pages, and the bar of selected rows. */
import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { type BulkAction, BulkBar } from "./bulk-bar.js";
import type { Column } from "./column.js";
import { ColumnMenu } from "./column-menu.js";
import { EmptyState } from "./empty-state.js";
import { Failure } from "./failure.js";
import type { IconName } from "./icon.js";
import { Panel } from "./page.js";
import { Pager } from "./pager.js";
import { RowsSkeleton } from "./skeletons.js";
import { Table } from "./table.js";
import toolbar from "./toolbar.module.css";
import { useColumns } from "./use-columns.js";
import type { List } from "./use-list.js";

interface Empty {
  readonly icon: IconName;
  readonly title: string;
  readonly text: ReactNode;
  readonly action?: ReactNode;
}

export interface ListPanelProps<Row> {
  /** Names the choice of columns in the browser's storage. */
  readonly name: string;
  readonly list: List<Row>;
  /** For one and for several: `API`, `APIs`. */
  readonly noun: readonly [string, string];
  readonly columns: readonly Column<Row>[];
  readonly rowName: (row: Row) => string;
  readonly title?: string;
  readonly description?: ReactNode;
  /** Beside the title; without one beside the filters. */
  readonly actions?: ReactNode;
  /** Search field and filters. */
  readonly filters?: ReactNode;
  /** Names of the filters in the address; any that is set leads to `nothingFound`. */
  readonly filterNames?: readonly string[];
  readonly nothingFound?: string;
  readonly empty: Empty;
  readonly bulk?: readonly BulkAction<Row>[];
}

export function ListPanel<Row extends { readonly id: string }>(props: ListPanelProps<Row>) {
  const { list, noun, filterNames = [], bulk = [] } = props;
  const { rows, params, error } = list;
  const { columns, choices, toggle } = useColumns(props.name, props.columns);
  const isFiltered = filterNames.some((name) => params.get(name) !== "");
  const selected = (rows ?? []).filter(({ id }) => list.selection.ids.has(id));
  const columnMenu = (
    <span className={toolbar.columns}>
      <ColumnMenu choices={choices} toggle={toggle} />
    </span>
  );
  return (
    <Panel
      {...(props.title === undefined ? {} : { title: props.title })}
      description={props.description}
      {...(props.title !== undefined && { actions: props.actions })}
      padded={false}
    >
      {props.filters !== undefined && (
        <search className={toolbar.toolbar}>
          {props.filters}
          <span className={toolbar.spacer} />
          {props.title === undefined && props.actions}
          {columnMenu}
        </search>
      )}
      {error !== undefined && rows === null && <Failure error={error} retry={list.refetch} />}
      {rows === null && error === undefined && <RowsSkeleton />}
      {rows !== null && rows.length === 0 && isFiltered && (
        <EmptyState
          icon="search"
          title={`No ${noun[0]} matches`}
          action={
            <Button
              variant="default"
              onClick={() => params.set(Object.fromEntries(filterNames.map((name) => [name, null])))}
            >
              Show all {noun[1]}
            </Button>
          }
        >
          {props.nothingFound}
        </EmptyState>
      )}
      {rows !== null && rows.length === 0 && !isFiltered && (
        <EmptyState icon={props.empty.icon} title={props.empty.title} action={props.empty.action}>
          {props.empty.text}
        </EmptyState>
      )}
      {rows !== null && rows.length > 0 && (
        <>
          <Table
            caption={noun[1]}
            columns={columns}
            rows={rows}
            rowKey={({ id }) => id}
            rowName={props.rowName}
            isBusy={list.isBusy}
            order={list.order}
            {...(list.order !== null && { onOrder: params.setOrder })}
            selection={bulk.length === 0 ? undefined : list.selection}
          />
          <BulkBar rows={selected} noun={noun} actions={bulk} onClear={list.clearSelection} />
          <Pager
            pageInfo={list.pageInfo}
            extent={list.extent}
            pageSize={list.pageSize}
            noun={noun}
            onPage={params.page}
          >
            {props.filters === undefined && columnMenu}
          </Pager>
        </>
      )}
    </Panel>
  );
}
