/** What is under a route once its parameters are opened: fields or JSON, and whether requests are held to them. */
import { Button, Checkbox, Textarea } from "@mantine/core";
import { useEffect, useRef } from "react";
import type { FieldErrors } from "../../graphql/user-errors.js";
import { listedFields, ParameterList } from "./parameter-list.js";
import classes from "./parameters.module.css";
import {
  changeFields,
  type ParametersForm,
  showFields,
  showText,
  typeParameters,
} from "./parameters-form.js";

export interface ParametersPanelProps {
  readonly id: string;
  /** `route 2` */
  readonly routeName: string;
  readonly path: string;
  readonly form: ParametersForm;
  readonly validate: boolean;
  /** Relative to the parameters: `query.1.schema`. */
  readonly errors: FieldErrors;
  readonly onChange: (fields: { parameters?: ParametersForm; validate?: boolean }) => void;
}

export function ParametersPanel(props: ParametersPanelProps) {
  const { form, errors, onChange } = props;
  const general = form.kind === "fields" ? errors.elsewhere((path) => listedFields.test(path)) : [];
  const text = useRef<HTMLTextAreaElement>(null);
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
    const parameters = form.kind === "fields" ? showText(form) : showFields(form);
    if (parameters === form) text.current?.focus();
    else {
      wasToggled.current = true;
      onChange({ parameters });
    }
  }

  return (
    <fieldset
      className={classes.panel}
      id={props.id}
      aria-label={`Parameters of ${props.routeName}`}
      data-parameters
    >
      {general.map((message) => (
        <p className={classes.error} role="alert" key={message}>
          {message}
        </p>
      ))}
      {form.kind === "fields" ? (
        <ParameterList
          parameters={form.parameters}
          path={props.path}
          errors={errors}
          onChange={(change) => onChange({ parameters: changeFields(form, change) })}
        />
      ) : (
        <Textarea
          ref={text}
          classNames={{ input: classes.mono ?? "" }}
          label="Parameters as JSON"
          description='JSON Schemas by name: {"path": {"id": {"schema": {…}}}, "query": [{"name": "page", "schema": {…}}]}. Empty: none.'
          // Before a text that may be longer than the window.
          inputWrapperOrder={["label", "description", "error", "input"]}
          autosize
          minRows={6}
          maxRows={24}
          value={form.text}
          error={textError(form.problems, errors)}
          onChange={(event) =>
            onChange({ parameters: typeParameters(event.currentTarget.value, form.parameters) })
          }
          spellCheck={false}
          autoCapitalize="off"
        />
      )}
      <div className={classes.foot}>
        <Checkbox
          label="Refuse requests that do not match"
          description="Holds them to these parameters and to the integration's request schema. Otherwise both are documentation only."
          checked={props.validate}
          onChange={(event) => onChange({ validate: event.currentTarget.checked })}
        />
        <Button ref={toggle} variant="default" size="xs" onClick={switchKind}>
          {form.kind === "fields" ? "Edit as JSON" : "Back to fields"}
        </Button>
      </div>
    </fieldset>
  );
}

/** What is wrong with the text itself comes first: the server has not seen it. */
function textError(problems: readonly string[], errors: FieldErrors): string | null {
  if (problems.length > 0) return problems.join(" ");
  const refusals = errors.all.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  return refusals.length === 0 ? null : refusals.join(" ");
}
