/** The schema of one parameter as fields: type, then what can be said of the type. Only for schemas that are so simple. */
import { NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { useDraft } from "../../ui/use-draft.js";
import type { JsonObject } from "./json.js";
import classes from "./operation.module.css";
import {
  formatsFor,
  fromNumberText,
  fromValuesText,
  type SimpleSchema,
  type SimpleType,
  simpleTypes,
  toValuesText,
  writeSimpleSchema,
} from "./simple-schema.js";

export interface SchemaFieldsProps {
  readonly schema: SimpleSchema;
  readonly error: string | null;
  readonly onChange: (schema: JsonObject | undefined) => void;
}

const typeLabels: Readonly<Record<SimpleType, string>> = {
  string: "String",
  integer: "Integer",
  number: "Number",
  boolean: "Boolean",
};

const types = [
  { value: "", label: "Any value" },
  ...simpleTypes.map((type) => ({ value: type, label: typeLabels[type] })),
];

export function TypeField({ schema, error, onChange }: SchemaFieldsProps) {
  return (
    <NativeSelect
      size="xs"
      label="Type"
      data={types}
      value={schema.type ?? ""}
      error={error}
      onChange={(event) => {
        const type = simpleTypes.find((each) => each === event.currentTarget.value) ?? null;
        onChange(writeSimpleSchema(schema, { type }));
      }}
    />
  );
}

/** Nothing for a boolean, of which nothing more can be said. */
export function ConstraintFields(props: Omit<SchemaFieldsProps, "error">) {
  const { schema, onChange } = props;
  if (schema.type === null || schema.type === "boolean") return null;
  const formats = formatsFor(schema.type, schema.format);
  return (
    <>
      <NativeSelect
        className={classes.format ?? ""}
        size="xs"
        label="Format"
        data={[{ value: "", label: "Any" }, ...formats]}
        value={schema.format ?? ""}
        onChange={(event) =>
          onChange(writeSimpleSchema(schema, { format: event.currentTarget.value || undefined }))
        }
      />
      <div className={classes.constraints}>
        {schema.type === "string" ? <ValuesField {...props} /> : <BoundFields {...props} />}
      </div>
    </>
  );
}

function ValuesField({ schema, onChange }: Omit<SchemaFieldsProps, "error">) {
  const draft = useDraft({
    value: schema.enum,
    toText: toValuesText,
    fromText: fromValuesText,
    onChange: (values) => onChange(writeSimpleSchema(schema, { enum: values })),
  });
  return (
    <TextInput
      className={classes.values ?? ""}
      size="xs"
      label="Allowed values"
      placeholder="Any; or: new, paid, sent"
      value={draft.text}
      onChange={(event) => draft.type(event.currentTarget.value)}
      onBlur={draft.leave}
      autoComplete="off"
      autoCapitalize="off"
      spellCheck={false}
    />
  );
}

function BoundFields({ schema, onChange }: Omit<SchemaFieldsProps, "error">) {
  return (
    <>
      <BoundField
        label="Minimum"
        value={schema.minimum}
        onChange={(minimum) => onChange(writeSimpleSchema(schema, { minimum }))}
      />
      <BoundField
        label="Maximum"
        value={schema.maximum}
        onChange={(maximum) => onChange(writeSimpleSchema(schema, { maximum }))}
      />
    </>
  );
}

interface BoundFieldProps {
  readonly label: string;
  readonly value: number | undefined;
  readonly onChange: (value: number | undefined) => void;
}

function BoundField({ label, value, onChange }: BoundFieldProps) {
  const draft = useDraft({
    value,
    toText: (number) => (number === undefined ? "" : String(number)),
    fromText: fromNumberText,
    onChange,
  });
  return (
    <NumberInput
      className={classes.bound ?? ""}
      size="xs"
      label={label}
      placeholder="None"
      value={draft.text}
      onChange={(text) => draft.type(String(text))}
      onBlur={draft.leave}
      hideControls
    />
  );
}
