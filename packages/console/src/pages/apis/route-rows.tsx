/** The routes of the form: method, path, integration, operation, with add, remove and reorder by mouse, touch and keyboard. */
import { ActionIcon, Button, TextInput } from "@mantine/core";
import { memo, useCallback, useEffect, useRef, useState } from "react";
import type { FieldErrors } from "../../graphql/user-errors.js";
import { Icon } from "../../ui/icon.js";
import { type Method, methods } from "../../ui/method-badge.js";
import type { Option } from "../../ui/remote-select.js";
import { IntegrationSelect } from "../integrations/integration-select.js";
import { OperationButton } from "../operation/operation-button.js";
import { operationLabel } from "../operation/operation-form.js";
import { OperationPanel } from "../operation/operation-panel.js";
import { type ApiFormChange, newRouteRow, type RouteRow } from "./api-form-state.js";
import classes from "./route-rows.module.css";

export interface RouteRowsProps {
  readonly rows: readonly RouteRow[];
  readonly subscriptionId: string | null;
  readonly errors: FieldErrors;
  readonly onChange: (change: ApiFormChange) => void;
}

export function RouteRows({ rows, subscriptionId, errors, onChange }: RouteRowsProps) {
  const [announcement, setAnnouncement] = useState("");
  const focusKey = useRef<string | null>(null);
  const dragged = useRef<string | null>(null);
  const list = useRef<HTMLOListElement>(null);

  // The new row's path is where typing goes on; after a move the focus stays with the row.
  // biome-ignore lint/correctness/useExhaustiveDependencies: after each change of the rows
  useEffect(() => {
    if (focusKey.current === null) return;
    const target = list.current?.querySelector<HTMLElement>(`[data-focus="${focusKey.current}"]`);
    focusKey.current = null;
    target?.focus();
  }, [rows]);

  const move = useCallback(
    (key: string, from: number, to: number, count: number, focus: string) => {
      if (to < 0 || to >= count) return;
      focusKey.current = `${focus}-${key}`;
      onChange({ kind: "moveRoute", key, to });
      setAnnouncement(`Route ${from + 1} moved to place ${to + 1} of ${count}.`);
    },
    [onChange],
  );

  const remove = useCallback(
    (key: string, index: number) => {
      const neighbour = rows[index + 1] ?? rows[index - 1];
      focusKey.current = neighbour === undefined ? null : `path-${neighbour.key}`;
      onChange({ kind: "removeRoute", key });
      setAnnouncement(`Route ${index + 1} removed.`);
    },
    [onChange, rows],
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
    focusKey.current = `path-${row.key}`;
    onChange({ kind: "addRoute", row });
  }

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
      <ol className={classes.rows} ref={list} aria-label="Routes">
        {rows.map((row, index) => (
          <RouteRowFields
            key={row.key}
            row={row}
            index={index}
            count={rows.length}
            subscriptionId={subscriptionId}
            methodError={errors.at(`routes.${index}.method`)}
            pathError={errors.at(`routes.${index}.path`) ?? errors.at(`routes.${index}`)}
            integrationError={errors.at(`routes.${index}.integrationId`)}
            operationErrors={errors.below(`routes.${index}.operation`)}
            onChange={onChange}
            onMove={move}
            onRemove={remove}
            onDrag={drag}
            onDrop={drop}
          />
        ))}
      </ol>
      {errors.at("routes") !== null && (
        <p className="lk-problem" role="alert">
          {errors.at("routes")}
        </p>
      )}
      <div className={classes.foot}>
        <Button variant="default" size="xs" leftSection={<Icon name="plus" size={14} />} onClick={add}>
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

interface RowProps {
  readonly row: RouteRow;
  readonly index: number;
  readonly count: number;
  readonly subscriptionId: string | null;
  readonly methodError: string | null;
  readonly pathError: string | null;
  readonly integrationError: string | null;
  readonly operationErrors: FieldErrors;
  readonly onChange: (change: ApiFormChange) => void;
  readonly onMove: (key: string, from: number, to: number, count: number, focus: string) => void;
  readonly onRemove: (key: string, index: number) => void;
  readonly onDrag: (key: string) => void;
  readonly onDrop: (to: number) => void;
}

/** Memoised: a thousand rows do not render again for one keystroke. */
const RouteRowFields = memo(function RouteRowFields(props: RowProps) {
  const { row, index, count, onChange, onMove } = props;
  const [isTarget, setTarget] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const name = `route ${index + 1}`;
  const panelId = `operation-${row.key}`;
  // A new error opens the panel once; if the user closes it, it stays closed.
  const refusals = JSON.stringify(props.operationErrors.all);
  const [seenRefusals, setSeenRefusals] = useState("[]");
  if (refusals !== seenRefusals) {
    setSeenRefusals(refusals);
    if (props.operationErrors.any) setOpen(true);
  }
  const errorId = `method-error-${row.key}`;
  return (
    <li
      className={classes.row}
      data-target={isTarget || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setTarget(true);
      }}
      onDragLeave={() => setTarget(false)}
      onDrop={(event) => {
        event.preventDefault();
        setTarget(false);
        props.onDrop(index);
      }}
      onKeyDown={(event) => {
        if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
        // In there are fields that mean something else by these keys.
        if ((event.target as HTMLElement).closest("[data-operation]") !== null) return;
        event.preventDefault();
        const focus = (event.target as HTMLElement).dataset.focus?.split("-")[0] ?? "path";
        onMove(row.key, index, event.key === "ArrowUp" ? index - 1 : index + 1, count, focus);
      }}
    >
      <span
        className={classes.grip}
        draggable
        title="Drag to reorder"
        aria-hidden="true"
        onDragStart={(event) => {
          event.dataTransfer.effectAllowed = "move";
          event.dataTransfer.setData("text/plain", row.path);
          props.onDrag(row.key);
        }}
      >
        <Icon name="grip" />
      </span>
      <div className={classes.method}>
        <select
          className={classes.select}
          data-method={row.method}
          data-focus={`method-${row.key}`}
          aria-label={`Method of ${name}`}
          aria-invalid={props.methodError !== null}
          {...(props.methodError === null ? {} : { "aria-describedby": errorId })}
          value={row.method}
          onChange={(event) =>
            onChange({
              kind: "setRoute",
              key: row.key,
              fields: { method: event.currentTarget.value as Method },
            })
          }
        >
          {methods.map((method) => (
            <option key={method} value={method}>
              {method}
            </option>
          ))}
        </select>
        {props.methodError !== null && (
          <span className={classes.error} id={errorId}>
            {props.methodError}
          </span>
        )}
      </div>
      <TextInput
        className={classes.path ?? ""}
        classNames={{ input: classes.pathInput ?? "" }}
        aria-label={`Path of ${name}`}
        aria-describedby="path-hint"
        placeholder="/orders/{id}"
        value={row.path}
        error={props.pathError}
        data-focus={`path-${row.key}`}
        onChange={(event) =>
          onChange({ kind: "setRoute", key: row.key, fields: { path: event.currentTarget.value } })
        }
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
      />
      <div className={classes.integration}>
        <IntegrationSelect
          label={`Integration of ${name}`}
          isLabelHidden
          subscriptionId={props.subscriptionId}
          value={row.integration}
          error={props.integrationError}
          onChange={(integration: Option | null) =>
            onChange({ kind: "setRoute", key: row.key, fields: { integration } })
          }
        />
      </div>
      <div className={classes.operation}>
        <OperationButton
          routeName={name}
          label={operationLabel(row.operation)}
          isOpen={isOpen}
          panelId={panelId}
          hasErrors={props.operationErrors.any}
          onClick={() => setOpen(!isOpen)}
        />
      </div>
      <div className={classes.buttons}>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Move ${name} up`}
          data-focus={`up-${row.key}`}
          disabled={index === 0}
          onClick={() => onMove(row.key, index, index - 1, count, index - 1 === 0 ? "down" : "up")}
        >
          <Icon name="up" />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Move ${name} down`}
          data-focus={`down-${row.key}`}
          disabled={index === count - 1}
          onClick={() => onMove(row.key, index, index + 1, count, index + 2 === count ? "up" : "down")}
        >
          <Icon name="down" />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="red"
          aria-label={`Remove ${name}`}
          onClick={() => props.onRemove(row.key, index)}
        >
          <Icon name="trash" />
        </ActionIcon>
      </div>
      {isOpen && (
        <div className={classes.panel}>
          <OperationPanel
            id={panelId}
            routeName={name}
            path={row.path}
            form={row.operation}
            validate={row.validate}
            responseValidation={row.responseValidation}
            errors={props.operationErrors}
            onChange={(fields) => onChange({ kind: "setRoute", key: row.key, fields })}
          />
        </div>
      )}
    </li>
  );
});
