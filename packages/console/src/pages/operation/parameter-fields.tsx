/** One parameter: its schema, its description, and as JSON what fields cannot show. Where it stands is its owner's. */
import { TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { CodeBlock } from "../../ui/code-block.js";
import type { JsonObject } from "./json.js";
import { beyondFields, type OtherPlace, simpleSchemaOf } from "./operation.js";
import classes from "./operation.module.css";
import { ConstraintFields, TypeField } from "./schema-fields.js";

export interface ParameterFieldsProps {
  readonly place: "path" | OtherPlace;
  readonly entry: JsonObject;
  /** `Path parameter id`; names the group for screen readers. */
  readonly name: string;
  readonly schemaError: string | null;
  readonly onChange: (fields: { schema?: JsonObject | undefined; description?: string }) => void;
  /** What is before the type: the parameter's name, to read or to write. */
  readonly head: ReactNode;
  /** Before what can be said of the type. */
  readonly option?: ReactNode;
  readonly remove?: ReactNode;
}

export function ParameterFields(props: ParameterFieldsProps) {
  const { place, entry, name, schemaError, onChange } = props;
  const schema = simpleSchemaOf(entry);
  const beyond = beyondFields(entry);
  return (
    <fieldset className={classes.parameter} aria-label={name}>
      <div className={classes.line} data-rich={schema === null || undefined}>
        <div className={place === "path" ? classes.pathName : classes.name}>{props.head}</div>
        {schema !== null && (
          <div className={classes.type}>
            <TypeField schema={schema} error={schemaError} onChange={(next) => onChange({ schema: next })} />
          </div>
        )}
        <TextInput
          className={classes.description ?? ""}
          size="xs"
          label="Description"
          value={typeof entry.description === "string" ? entry.description : ""}
          onChange={(event) => onChange({ description: event.currentTarget.value })}
          autoComplete="off"
        />
        {props.remove !== undefined && <div className={classes.remove}>{props.remove}</div>}
      </div>
      {(props.option !== undefined || (schema?.type ?? "boolean") !== "boolean") && (
        <div className={classes.line}>
          {props.option}
          {schema !== null && (
            <ConstraintFields schema={schema} onChange={(next) => onChange({ schema: next })} />
          )}
        </div>
      )}
      {beyond !== null && (
        <div className={classes.beyond}>
          <p className={classes.hint}>
            These fields cannot express all of it. The rest is kept as it is; “Edit as JSON” changes it.
          </p>
          {schema === null && schemaError !== null && (
            <p className={classes.error} role="alert">
              {schemaError}
            </p>
          )}
          <CodeBlock label={`Rest of ${name}`} text={JSON.stringify(beyond, null, 2)} size="small" />
        </div>
      )}
    </fieldset>
  );
}
