/**
 * The routes of the form, with add, remove and reorder by mouse, touch and keyboard. A long list mounts only the rows in
 * sight and the one in focus.
 */
import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useCallback, useRef, useState } from "react";
import type { FieldErrors } from "../../graphql/user-errors.js";
import { type ApiFormChange, newRouteRow, type RouteRow } from "./api-form-state.js";
import { RouteRowFields } from "./route-row.js";
import classes from "./route-rows.module.css";
import { useRowsInSight } from "../../ui/use-rows-in-sight.js";

export interface RouteRowsProps {
  readonly rows: readonly RouteRow[];
  readonly subscriptionId: string | null;
  readonly errors: FieldErrors;
  readonly onChange: (change: ApiFormChange) => void;
}

export function RouteRows({ rows, subscriptionId, errors, onChange }: RouteRowsProps) {
  const { list, inSight, height, focusOn } = useRowsInSight(rows, errors);
  const { announcement, ...actions } = useRowActions(rows, focusOn, onChange);
  return (
    <div>
      {rows.length > 0 && (
        <div className={classes.head} aria-hidden="true">
          <span />
          <span>Method</span>
          <span>Path</span>
          <span>Integration</span>
          <span>Operation</span>
          <span />
        </div>
      )}
      <ol
        className={classes.rows}
        ref={list}
        aria-label="Routes"
        style={height === null ? undefined : { height }}
      >
        {inSight.map(({ index, row, offset, measure }) => (
          <RouteRowFields
            key={row.key}
            row={row}
            index={index}
            count={rows.length}
            offset={offset}
            {...(measure !== undefined && { measure })}
            subscriptionId={subscriptionId}
            methodError={errors.at(`routes.${index}.method`)}
            pathError={errors.at(`routes.${index}.path`) ?? errors.at(`routes.${index}`)}
            integrationError={errors.at(`routes.${index}.integrationId`)}
            operationErrors={errors.below(`routes.${index}.operation`)}
            onChange={onChange}
            onMove={actions.move}
            onRemove={actions.remove}
            onDrag={actions.drag}
            onDrop={actions.drop}
          />
        ))}
      </ol>
      {errors.at("routes") !== null && (
        <p className="lk-problem" role="alert">
          {errors.at("routes")}
        </p>
      )}
      <div className={classes.foot}>
        <Button variant="default" size="xs" leftSection={<IconPlus size={14} />} onClick={actions.add}>
          Add route
        </Button>
        <p className={classes.hint} id="path-hint">
          <code>{"{name}"}</code> matches one segment or a part of it, as in <code>{"{id}.json"}</code>;{" "}
          <code>{"{name*}"}</code> the rest of the path. Fixed text wins over parameters.
        </p>
      </div>
      <div className="lk-visually-hidden" role="status">
        {announcement}
      </div>
    </div>
  );
}

/** Adding, removing and moving rows. All but `add` stay the same functions, so that rows need not render again. */
function useRowActions(
  rows: readonly RouteRow[],
  focusOn: (focus: string, key: string) => void,
  onChange: (change: ApiFormChange) => void,
) {
  const [announcement, setAnnouncement] = useState("");
  const dragged = useRef<string | null>(null);
  const shown = useRef(rows);
  shown.current = rows;

  const move = useCallback(
    (key: string, from: number, to: number, count: number, focus: string) => {
      if (to < 0 || to >= count) return;
      focusOn(focus, key);
      onChange({ kind: "moveRoute", key, to });
      setAnnouncement(`Route ${from + 1} moved to place ${to + 1} of ${count}.`);
    },
    [focusOn, onChange],
  );

  const remove = useCallback(
    (key: string, index: number) => {
      const neighbor = shown.current[index + 1] ?? shown.current[index - 1];
      if (neighbor !== undefined) focusOn("path", neighbor.key);
      onChange({ kind: "removeRoute", key });
      setAnnouncement(`Route ${index + 1} removed.`);
    },
    [focusOn, onChange],
  );

  const drag = useCallback((key: string) => {
    dragged.current = key;
  }, []);

  const drop = useCallback(
    (to: number) => {
      const key = dragged.current;
      dragged.current = null;
      if (key !== null) onChange({ kind: "moveRoute", key, to });
    },
    [onChange],
  );

  function add(): void {
    const last = rows.at(-1);
    const row = newRouteRow({ method: last?.method ?? "GET", integration: last?.integration ?? null });
    focusOn("path", row.key);
    onChange({ kind: "addRoute", row });
  }

  return { announcement, move, remove, drag, drop, add };
}
