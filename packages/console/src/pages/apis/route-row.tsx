/** One route of the form: method, path, integration and operation, with the buttons to move and remove it. */
import { TextInput } from "@mantine/core";
import { type KeyboardEvent, memo, useState } from "react";
import type { FieldErrors } from "../../graphql/user-errors.js";
import { Icon } from "../../ui/icon.js";
import type { Option } from "../../ui/remote-select.js";
import { IntegrationSelect } from "../integrations/integration-select.js";
import { OperationButton } from "../operation/operation-button.js";
import { operationLabel } from "../operation/operation-form.js";
import { OperationPanel } from "../operation/operation-panel.js";
import { type ApiFormChange, noRoutePolicies, policyLines, type RouteRow } from "./api-form-state.js";
import { RouteMethod } from "./route-method.js";
import { RoutePoliciesFields } from "./route-policies.js";
import { RouteRowButtons } from "./route-row-buttons.js";
import classes from "./route-rows.module.css";
import { RouteUsage } from "./route-usage.js";

export interface RouteRowProps {
  readonly row: RouteRow;
  readonly index: number;
  /** Place among the rows that the filter leaves. */
  readonly shownIndex: number;
  readonly count: number;
  /** Cannot be moved, because only some rows are shown. */
  readonly isFixed: boolean;
  readonly isSelected: boolean;
  readonly onSelect: (key: string, isRange: boolean) => void;
  readonly subscriptionId: string | null;
  readonly methodError: string | null;
  readonly pathError: string | null;
  readonly integrationError: string | null;
  readonly operationErrors: FieldErrors;
  /** Those of the route, by field. */
  readonly policyErrors: FieldErrors;
  readonly onChange: (change: ApiFormChange) => void;
  readonly onMove: (key: string, from: number, to: number, count: number, focus: string) => void;
  readonly onRemove: (key: string, index: number) => void;
  readonly onDrag: (key: string) => void;
  readonly onDrop: (to: number) => void;
  /** Measures the row for the list that shows only what is in sight. */
  readonly measure?: (element: HTMLLIElement | null) => void;
  /** Place in the list in pixels; null: in the flow of the page. */
  readonly offset: number | null;
}

/** Memoized: the other rows do not render again for a keystroke in one. */
export const RouteRowFields = memo(function RouteRowFields(props: RouteRowProps) {
  const { row, index, count, onChange, onMove } = props;
  const [isTarget, setTarget] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const name = `route ${index + 1}`;
  const panelId = `operation-${row.key}`;
  // A new error opens the panel once; if the user closes it, it stays closed.
  const inPanel = [...props.operationErrors.all, ...props.policyErrors.all.filter(isOfPolicies)];
  const refusals = JSON.stringify(inPanel);
  const [seenRefusals, setSeenRefusals] = useState("[]");
  if (refusals !== seenRefusals) {
    setSeenRefusals(refusals);
    if (inPanel.length > 0) setOpen(true);
  }
  return (
    <li
      ref={props.measure}
      className={classes.row}
      data-index={props.shownIndex}
      data-selected={props.isSelected || undefined}
      data-floating={props.offset !== null || undefined}
      style={props.offset === null ? undefined : { transform: `translateY(${props.offset}px)` }}
      aria-setsize={count}
      aria-posinset={index + 1}
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
      onKeyDown={(event) => moveByKeys(event, props)}
    >
      <Grip row={row} isFixed={props.isFixed} onDrag={props.onDrag} />
      <input
        type="checkbox"
        className={classes.check}
        aria-label={`Select ${name}`}
        checked={props.isSelected}
        onChange={(event) =>
          props.onSelect(row.key, (event.nativeEvent as unknown as MouseEvent).shiftKey === true)
        }
      />
      <RouteMethod
        rowKey={row.key}
        name={name}
        method={row.method}
        error={props.methodError}
        onChange={(method) => onChange({ kind: "setRoute", key: row.key, fields: { method } })}
      />
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
      <RouteUsage routeId={row.id} />
      <div className={classes.operation}>
        <OperationButton
          routeName={name}
          label={operationLabel(row.operation)}
          hasPolicies={policyLines(row.policies).length > 0}
          isOpen={isOpen}
          panelId={panelId}
          hasErrors={inPanel.length > 0}
          onClick={() => setOpen(!isOpen)}
        />
      </div>
      <RouteRowButtons
        row={row}
        name={name}
        index={index}
        count={count}
        isFixed={props.isFixed}
        onMove={onMove}
        onRemove={props.onRemove}
      />
      {isOpen && <RoutePanel {...props} id={panelId} routeName={name} />}
    </li>
  );
});

type RoutePanelProps = Pick<RouteRowProps, "row" | "operationErrors" | "policyErrors" | "onChange"> & {
  readonly id: string;
  readonly routeName: string;
};

/** Operation and policies, below the row. */
function RoutePanel({ row, operationErrors, policyErrors, onChange, id, routeName }: RoutePanelProps) {
  const set = (fields: Partial<RouteRow>) => onChange({ kind: "setRoute", key: row.key, fields });
  return (
    <div className={classes.panel}>
      <OperationPanel
        id={id}
        routeName={routeName}
        path={row.path}
        form={row.operation}
        validate={row.validate}
        responseValidation={row.responseValidation}
        errors={operationErrors}
        onChange={set}
      />
      <RoutePoliciesFields
        routeName={routeName}
        values={row.policies}
        errors={policyErrors}
        onChange={(fields) => set({ policies: { ...row.policies, ...fields } })}
      />
    </div>
  );
}

function isOfPolicies({ path }: { readonly path: string }): boolean {
  return Object.hasOwn(noRoutePolicies, path);
}

/** Alt with an arrow moves the row; the focus stays in it. */
function moveByKeys(event: KeyboardEvent, { row, index, count, isFixed, onMove }: RouteRowProps): void {
  if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
  // In there are fields that mean something else by these keys.
  if ((event.target as HTMLElement).closest("[data-operation]") !== null) return;
  event.preventDefault();
  if (isFixed) return;
  const focus = (event.target as HTMLElement).dataset.focus?.split("-")[0] ?? "path";
  onMove(row.key, index, event.key === "ArrowUp" ? index - 1 : index + 1, count, focus);
}

function Grip({ row, isFixed, onDrag }: Pick<RouteRowProps, "row" | "isFixed" | "onDrag">) {
  return (
    <span
      className={classes.grip}
      draggable={!isFixed}
      title="Drag to reorder"
      aria-hidden="true"
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", row.path);
        onDrag(row.key);
      }}
    >
      <Icon name="grip-vertical" />
    </span>
  );
}
