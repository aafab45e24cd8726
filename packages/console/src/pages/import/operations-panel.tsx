/** The operations with what is done to each: filtered, selected, and given integrations. */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { BusyLine } from "../../ui/busy-line.js";
import { EmptyState } from "../../ui/empty-state.js";
import { Panel } from "../../ui/page.js";
import type { Option } from "../../ui/remote-select.js";
import { filterRows, type ImportRow, noFilter, type RowFilter } from "./import-rows.js";
import { assign } from "./import-settings.js";
import { OperationFilter } from "./operation-filter.js";
import { OperationRows } from "./operation-rows.js";
import classes from "./operation-rows.module.css";
import { SelectionBar } from "./selection-bar.js";
import type { Import } from "./use-import.js";

const noKeys: ReadonlySet<string> = new Set();

export function OperationsPanel({ made }: { readonly made: Import }) {
  const { rows, counts, preview, settings, set, target } = made;
  const [filter, setFilter] = useState<RowFilter>(noFilter);
  const [selected, setSelected] = useState(noKeys);
  const shown = useMemo(() => filterRows(rows, filter), [rows, filter]);
  const mappable = useMemo(() => shown.filter((row) => row.match !== null), [shown]);
  const chosen = useMemo(() => mappable.filter((row) => selected.has(row.key)), [mappable, selected]);
  const subscriptionId = target === null ? settings.subscriptionId : target.subscription.id;

  const select = useCallback((keys: readonly string[], isSelected: boolean) => {
    setSelected((before) => {
      const next = new Set(before);
      for (const key of keys)
        if (isSelected) next.add(key);
        else next.delete(key);
      return next;
    });
  }, []);
  const { assigned } = settings;
  const root = useRef<HTMLDivElement>(null);
  /** Where the first row was that got an integration, until the focus is taken care of. */
  const changedAt = useRef<number | null>(null);
  const change = useCallback(
    (changed: readonly ImportRow[], integration: Option | null) => {
      const first = changed[0];
      changedAt.current = first === undefined ? null : shown.indexOf(first);
      set({
        assigned: assign(
          assigned,
          changed.flatMap(({ match }) => match ?? []),
          integration,
        ),
      });
    },
    [set, assigned, shown],
  );
  // A filter may hide a row as soon as it has an integration: on to the one that takes its place.
  useEffect(() => {
    const at = changedAt.current;
    changedAt.current = null;
    if (at === null || document.activeElement !== document.body) return;
    const next = Math.min(at, shown.length - 1);
    const target =
      root.current?.querySelector<HTMLElement>(`[data-index="${next}"] [data-integration]`) ??
      root.current?.querySelector<HTMLElement>('[aria-pressed="true"]');
    target?.focus();
  }, [shown]);

  if (rows.length === 0) return null;
  return (
    <Panel title="Operations" padded={false}>
      <div ref={root}>
        <BusyLine isBusy={!preview.isFresh && preview.problem === null} />
        <OperationFilter rows={rows} counts={counts} filter={filter} onChange={setFilter} />
        <SelectionBar
          shown={mappable}
          chosen={chosen}
          subscriptionId={subscriptionId}
          onSelect={select}
          onAssign={(integration) => change(chosen, integration)}
        />
        {shown.length === 0 ? (
          <EmptyState icon="search" title="No operation matches">
            Change or clear the filter.
          </EmptyState>
        ) : (
          <div className={classes.rowsWrap} data-stale={!preview.isFresh || undefined}>
            <OperationRows
              rows={shown}
              selected={selected}
              subscriptionId={subscriptionId}
              onSelect={select}
              onAssign={change}
            />
          </div>
        )}
      </div>
    </Panel>
  );
}
