/** What is under a route once its operation is opened: fields or JSON, and what happens to messages that do not match. */
import { Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { useEffect, useRef } from "react";
import type { ResponseValidation } from "../../gen/api-form.js";
import type { FieldErrors } from "../../graphql/user-errors.js";
import type { CodeEditorHandle } from "../../ui/code-editor.js";
import { JsonInput } from "../../ui/json-input.js";
import { othersOf, summaryOf } from "./operation.js";
import classes from "./operation.module.css";
import { changeFields, type OperationForm, showFields, showText, typeOperation } from "./operation-form.js";
import { OperationMessages } from "./operation-messages.js";
import { listedFields, ParameterList } from "./parameter-list.js";

export interface OperationPanelProps {
  readonly id: string;
  /** `route 2` */
  readonly routeName: string;
  readonly path: string;
  readonly form: OperationForm;
  readonly validate: boolean;
  readonly responseValidation: ResponseValidation;
  /** Relative to the operation: `parameters.1.schema`. */
  readonly errors: FieldErrors;
  readonly onChange: (fields: {
    operation?: OperationForm;
    validate?: boolean;
    responseValidation?: ResponseValidation;
  }) => void;
}

const responseChoices: readonly { readonly value: ResponseValidation; readonly label: string }[] = [
  { value: "OFF", label: "Not checked" },
  { value: "REPORT", label: "Log and count" },
  { value: "REFUSE", label: "Replace with status 502" },
];

export function OperationPanel(props: OperationPanelProps) {
  const { form, errors, onChange } = props;
  const general = form.kind === "fields" ? errors.elsewhere((path) => listedFields.test(path)) : [];
  const text = useRef<CodeEditorHandle>(null);
  const toggle = useRef<HTMLButtonElement>(null);
  const wasToggled = useRef(false);

  // Into the JSON when it opens, back to the button when it is closed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: when one kind is changed for the other
  useEffect(() => {
    if (!wasToggled.current) return;
    wasToggled.current = false;
    (text.current ?? toggle.current)?.focus();
  }, [form.kind]);

  function switchKind(): void {
    const operation = form.kind === "fields" ? showText(form) : showFields(form);
    if (operation === form) text.current?.focus();
    else {
      wasToggled.current = true;
      onChange({ operation });
    }
  }

  return (
    <fieldset
      className={classes.panel}
      id={props.id}
      aria-label={`Operation of ${props.routeName}`}
      data-operation
    >
      {general.map((message) => (
        <p className={classes.error} role="alert" key={message}>
          {message}
        </p>
      ))}
      {form.kind === "fields" ? (
        <OperationFields {...props} form={form} />
      ) : (
        <JsonInput
          ref={text}
          label="Operation as JSON"
          description='An Operation Object of OpenAPI 3.1: summary, description, tags, deprecated, externalDocs, parameters, requestBody, responses. {"$ref": "#/components/schemas/Order"} leads to a schema of the API. Empty: none.'
          minRows={6}
          maxRows={24}
          value={form.text}
          error={textError(form.problems, errors)}
          onChange={(typed) => onChange({ operation: typeOperation(typed, form.operation) })}
        />
      )}
      <div className={classes.foot}>
        <Checkbox
          label="Refuse requests that do not match"
          description="Checks parameters and body. Where the operation describes no body, the integration's request schema applies."
          checked={props.validate}
          onChange={(event) => onChange({ validate: event.currentTarget.checked })}
        />
        <NativeSelect
          size="xs"
          label="Responses that do not match"
          data={responseChoices.map((choice) => ({ ...choice }))}
          value={props.responseValidation}
          onChange={(event) => {
            const choice = responseChoices.find(({ value }) => value === event.currentTarget.value);
            if (choice !== undefined) onChange({ responseValidation: choice.value });
          }}
        />
        <Button ref={toggle} variant="default" size="xs" onClick={switchKind}>
          {form.kind === "fields" ? "Edit as JSON" : "Back to fields"}
        </Button>
      </div>
    </fieldset>
  );
}

function OperationFields(
  props: OperationPanelProps & { readonly form: OperationForm & { readonly kind: "fields" } },
) {
  const { form, errors, onChange } = props;
  const others = othersOf(form.operation);
  return (
    <div className={classes.list}>
      <TextInput
        size="xs"
        label="Summary"
        value={summaryOf(form.operation)}
        error={errors.at("summary")}
        onChange={(event) =>
          onChange({
            operation: changeFields(form, { kind: "setSummary", summary: event.currentTarget.value }),
          })
        }
        autoComplete="off"
      />
      <ParameterList
        operation={form.operation}
        path={props.path}
        errors={errors}
        onChange={(change) => onChange({ operation: changeFields(form, change) })}
      />
      <OperationMessages operation={form.operation} />
      {others.length > 0 && (
        <p className={classes.hint}>
          Also described: {others.join(", ")}. “Edit as JSON” shows and changes it.
        </p>
      )}
    </div>
  );
}

/** What is wrong with the text itself comes first: the server has not seen it. */
function textError(problems: readonly string[], errors: FieldErrors): string | null {
  if (problems.length > 0) return problems.join(" ");
  const refusals = errors.all.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  return refusals.length === 0 ? null : refusals.join(" ");
}
