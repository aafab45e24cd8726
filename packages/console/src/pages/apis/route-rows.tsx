/**
 * The routes of the form as a table that is edited in place: filter, selection, add, paste, remove and reorder by mouse,
 * touch and keyboard. A long list mounts only the rows in sight and the one in focus.
 */
import { Button } from "@mantine/core";
import { type ClipboardEvent, useEffect, useMemo, useState } from "react";
import type { FieldErrors } from "../../graphql/user-errors.js";
import { Icon } from "../../ui/icon.js";
import { useRowsInSight } from "../../ui/use-rows-in-sight.js";
import type { ApiFormChange, RouteRow } from "./api-form-state.js";
import { PasteRoutesDialog } from "./paste-routes-dialog.js";
import { RouteBulkBar } from "./route-bulk-bar.js";
import { isRouteList } from "./route-lines.js";
import { RouteRowFields } from "./route-row.js";
import classes from "./route-rows.module.css";
import { RouteTools } from "./route-tools.js";
import { useHasRouteUsage } from "./route-usage.js";
import { useRouteFilter } from "./use-route-filter.js";
import { useRouteRowActions } from "./use-route-row-actions.js";
import { useRouteSelection } from "./use-route-selection.js";

const ROW_HEIGHT = 46;

export interface RouteRowsProps {
  readonly rows: readonly RouteRow[];
  readonly subscriptionId: string | null;
  readonly errors: FieldErrors;
  readonly onChange: (change: ApiFormChange) => void;
}

export function RouteRows({ rows, subscriptionId, errors, onChange }: RouteRowsProps) {
  const hasUsage = useHasRouteUsage();
  const filter = useRouteFilter(rows);
  const { shown } = filter;
  const places = useMemo(() => new Map(rows.map(({ key }, index) => [key, index])), [rows]);
  const { list, inSight, height, focusOn, scrollTo } = useRowsInSight(shown, ROW_HEIGHT);
  const selection = useRouteSelection(shown);
  const [pasted, setPasted] = useState<string | null>(null);
  const firstRefused = firstRefusedRow(errors);
  // biome-ignore lint/correctness/useExhaustiveDependencies: when other errors came
  useEffect(() => {
    if (firstRefused === null) return;
    filter.setText("");
    scrollTo(firstRefused);
  }, [firstRefused]);
  const { announcement, ...actions } = useRouteRowActions(rows, focusOn, onChange);

  function takeList(event: ClipboardEvent): void {
    const text = event.clipboardData.getData("text/plain");
    if (!isRouteList(text)) return;
    event.preventDefault();
    setPasted(text);
  }

  return (
    <div className={hasUsage ? classes.withUsage : undefined}>
      <RouteTools count={rows.length} filter={filter} selection={selection} />
      {rows.length === 0 && <p className="lk-muted">No routes yet: requests to this API get 404.</p>}
      {shown.length > 0 && (
        <div className={classes.head} aria-hidden="true">
          <span />
          <span />
          <span>Method</span>
          <span>Path</span>
          <span>Integration</span>
          {hasUsage && <span>Last hour</span>}
          <span>Operation</span>
          <span />
        </div>
      )}
      <ol
        className={classes.rows}
        ref={list}
        aria-label="Routes"
        style={height === null ? undefined : { height }}
        onPaste={takeList}
      >
        {inSight.map(({ index: shownIndex, row, offset, measure }) => {
          const index = places.get(row.key) ?? shownIndex;
          return (
            <RouteRowFields
              key={row.key}
              row={row}
              index={index}
              shownIndex={shownIndex}
              count={rows.length}
              isFixed={shown.length !== rows.length}
              isSelected={selection.keys.has(row.key)}
              onSelect={selection.select}
              offset={offset}
              {...(measure !== undefined && { measure })}
              subscriptionId={subscriptionId}
              methodError={errors.at(`routes.${index}.method`)}
              pathError={errors.at(`routes.${index}.path`) ?? errors.at(`routes.${index}`)}
              integrationError={errors.at(`routes.${index}.integrationId`)}
              operationErrors={errors.below(`routes.${index}.operation`)}
              policyErrors={errors.below(`routes.${index}`)}
              onChange={onChange}
              onMove={actions.move}
              onRemove={actions.remove}
              onDrag={actions.drag}
              onDrop={actions.drop}
            />
          );
        })}
      </ol>
      <RouteBulkBar
        count={selection.keys.size}
        subscriptionId={subscriptionId}
        onMoveTo={(integration) => actions.moveTo(selection.keys, integration)}
        onRemove={() => actions.removeAll(selection.keys)}
        onClear={selection.clear}
      />
      {errors.at("routes") !== null && (
        <p className="lk-problem" role="alert">
          {errors.at("routes")}
        </p>
      )}
      <Foot onAdd={actions.add} onPaste={() => setPasted("")} />
      <PasteRoutesDialog
        pasted={pasted}
        subscriptionId={subscriptionId}
        onAdd={actions.addAll}
        onClose={() => setPasted(null)}
      />
      <div className="lk-visually-hidden" role="status">
        {announcement}
      </div>
    </div>
  );
}

function firstRefusedRow(errors: FieldErrors): number | null {
  const indexes = errors.all.flatMap(({ path }) => {
    const [, index] = /^routes\.(\d+)(\.|$)/.exec(path) ?? [];
    return index === undefined ? [] : [Number(index)];
  });
  return indexes.length === 0 ? null : Math.min(...indexes);
}

function Foot({ onAdd, onPaste }: { readonly onAdd: () => void; readonly onPaste: () => void }) {
  return (
    <div className={classes.foot}>
      <Button variant="default" size="xs" leftSection={<Icon name="plus" size={14} />} onClick={onAdd}>
        Add route
      </Button>
      <Button
        variant="default"
        size="xs"
        leftSection={<Icon name="clipboard-text" size={14} />}
        onClick={onPaste}
      >
        Paste routes
      </Button>
      <p className={classes.hint} id="path-hint">
        <code>{"{name}"}</code> matches one segment or a part of it, as in <code>{"{id}.json"}</code>;{" "}
        <code>{"{name*}"}</code> the rest of the path. Fixed text wins over parameters.
      </p>
    </div>
  );
}
