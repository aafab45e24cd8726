/**
 * The routes of the form, with add, remove and reorder by mouse, touch and keyboard. A long list mounts only the rows in
 * sight and the one in focus.
 */
import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useEffect } from "react";
import type { FieldErrors } from "../../graphql/user-errors.js";
import { useRowsInSight } from "../../ui/use-rows-in-sight.js";
import type { ApiFormChange, RouteRow } from "./api-form-state.js";
import { RouteRowFields } from "./route-row.js";
import classes from "./route-rows.module.css";
import { useRouteRowActions } from "./use-route-row-actions.js";

const ROW_HEIGHT = 46;

export interface RouteRowsProps {
  readonly rows: readonly RouteRow[];
  readonly subscriptionId: string | null;
  readonly errors: FieldErrors;
  readonly onChange: (change: ApiFormChange) => void;
}

export function RouteRows({ rows, subscriptionId, errors, onChange }: RouteRowsProps) {
  const { list, inSight, height, focusOn, scrollTo } = useRowsInSight(rows, ROW_HEIGHT);
  const firstRefused = firstRefusedRow(errors);
  // biome-ignore lint/correctness/useExhaustiveDependencies: when other errors came
  useEffect(() => {
    if (firstRefused !== null) scrollTo(firstRefused);
  }, [firstRefused]);
  const { announcement, ...actions } = useRouteRowActions(rows, focusOn, onChange);
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

function firstRefusedRow(errors: FieldErrors): number | null {
  const indexes = errors.all.flatMap(({ path }) => {
    const [, index] = /^routes\.(\d+)(\.|$)/.exec(path) ?? [];
    return index === undefined ? [] : [Number(index)];
  });
  return indexes.length === 0 ? null : Math.min(...indexes);
}
