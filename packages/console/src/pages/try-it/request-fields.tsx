/** The form of a request: route, method, parameters, key and body. */
import { Button, NativeSelect } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import { Icon } from "../../ui/icon.js";
import { methods } from "../../ui/method-badge.js";
import { BodyFields } from "./body-fields.js";
import { CompareFields } from "./compare-fields.js";
import { KeyFields } from "./key-fields.js";
import { NameValueRows } from "./name-value-rows.js";
import { ParameterFields } from "./parameter-fields.js";
import type { RequestForm } from "./request-form.js";
import { type FieldPlace, fieldPlaces, type RequestModel } from "./request-model.js";
import { hasBody } from "./request-parts.js";
import { type Target, targetText } from "./target.js";
import classes from "./try-it.module.css";
import type { Compare } from "./use-compare.js";
import type { KeyChoice, TryItApi } from "./use-key-choice.js";
import type { Sender } from "./use-sender.js";

export interface RequestFieldsProps {
  readonly routes: TryItApi["routes"];
  readonly target: Target<TryItApi["routes"][number]>;
  readonly model: RequestModel;
  readonly form: RequestForm;
  /** Ids of fields to mark. */
  readonly missing: readonly string[];
  readonly choice: KeyChoice;
  readonly compare: Compare;
  readonly sender: Sender;
  /** Above the fields. */
  readonly note?: ReactNode;
  readonly onTarget: (target: string) => void;
  readonly onChange: (change: Partial<RequestForm>) => void;
  readonly onSubmit: (event: FormEvent) => void;
}

export function RequestFields(props: RequestFieldsProps) {
  const { target, form, model, onChange } = props;
  return (
    <form
      className={classes.form}
      aria-label="Request"
      onSubmit={props.onSubmit}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
      }}
      noValidate
    >
      {props.note}
      <RouteFields {...props} />
      <KeyFields label="API key" choice={props.choice} />
      {fieldPlaces.map((place) => (
        <ParameterFields
          key={place}
          place={place}
          fields={model.fields}
          values={form.values}
          missing={props.missing}
          onChange={(id, value) => onChange({ values: { ...form.values, [id]: value } })}
        >
          {moreRows(place, form, onChange)}
        </ParameterFields>
      ))}
      {hasBody(target.method) && <BodyFields form={form} bodies={model.bodies} onChange={onChange} />}
      <CompareFields compare={props.compare} />
      <SendBar sender={props.sender} isTwice={props.compare.isOn} />
    </form>
  );
}

function moreRows(place: FieldPlace, form: RequestForm, onChange: RequestFieldsProps["onChange"]) {
  if (place === "query")
    return (
      <NameValueRows noun="query parameter" rows={form.query} onChange={(query) => onChange({ query })} />
    );
  if (place === "header")
    return <NameValueRows noun="header" rows={form.headers} onChange={(headers) => onChange({ headers })} />;
  return undefined;
}

function RouteFields({ routes, target, onTarget }: RequestFieldsProps) {
  const { route, method } = target;
  return (
    <div className={classes.route} data-any={route.method === "ANY" || undefined}>
      <NativeSelect
        label="Route"
        value={route.id}
        onChange={(event) => {
          const chosen = routes.find((each) => each.id === event.currentTarget.value);
          if (chosen !== undefined) onTarget(targetText(chosen.method, chosen.path));
        }}
        data={routes.map((each) => ({ value: each.id, label: targetText(each.method, each.path) }))}
      />
      {route.method === "ANY" && (
        <NativeSelect
          label="Method"
          value={method}
          onChange={(event) => onTarget(targetText(event.currentTarget.value, route.path))}
          data={methods.filter((each) => each !== "ANY")}
        />
      )}
    </div>
  );
}

function SendBar({ sender, isTwice }: { readonly sender: Sender; readonly isTwice: boolean }) {
  return (
    <div className={classes.send}>
      <span className="lk-muted">
        <kbd>Ctrl</kbd> + <kbd>Enter</kbd>
      </span>
      {sender.isSending && (
        <Button variant="default" onClick={sender.cancel}>
          Cancel
        </Button>
      )}
      <Button type="submit" loading={sender.isSending} leftSection={<Icon name="send" />}>
        {isTwice ? "Send with both keys" : "Send"}
      </Button>
    </div>
  );
}
