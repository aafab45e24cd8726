/** A field for each parameter that the path or the operation declares, by place. */
import { NativeSelect, TextInput } from "@mantine/core";
import type { FieldPlace, ParameterField } from "./request-model.js";
import classes from "./try-it.module.css";

const placeLabels: Readonly<Record<FieldPlace, string>> = {
  path: "Path parameters",
  query: "Query parameters",
  header: "Headers",
  cookie: "Cookies",
};

export interface ParameterFieldsProps {
  readonly place: FieldPlace;
  readonly fields: readonly ParameterField[];
  readonly values: Readonly<Record<string, string>>;
  /** Ids of fields that must be filled in. */
  readonly missing: readonly string[];
  readonly onChange: (id: string, value: string) => void;
  /** Rows for what is not declared. */
  readonly children?: React.ReactNode;
}

export function ParameterFields({
  place,
  fields,
  values,
  missing,
  onChange,
  children,
}: ParameterFieldsProps) {
  const shown = fields.filter((field) => field.place === place);
  if (shown.length === 0 && children === undefined) return null;
  return (
    <fieldset className={classes.group} aria-label={placeLabels[place]}>
      <legend>{placeLabels[place]}</legend>
      {shown.map((field) => (
        <ParameterInput
          key={field.id}
          field={field}
          value={values[field.id] ?? ""}
          error={missing.includes(field.id) ? "A path parameter cannot be empty." : null}
          onChange={(value) => onChange(field.id, value)}
        />
      ))}
      {children}
    </fieldset>
  );
}

interface ParameterInputProps {
  readonly field: ParameterField;
  readonly value: string;
  readonly error: string | null;
  readonly onChange: (value: string) => void;
}

function ParameterInput({ field, value, error, onChange }: ParameterInputProps) {
  const hint = field.isList && field.type !== "" ? `${field.type}, separated by commas` : field.type;
  const shared = {
    label: field.name.replace(/\*$/, ""),
    withAsterisk: field.isRequired,
    description: [hint, field.description].filter((part) => part !== "").join(" · ") || undefined,
    value,
    error,
  };
  if (field.choices.length > 0)
    return (
      <NativeSelect
        {...shared}
        onChange={(event) => onChange(event.currentTarget.value)}
        data={[{ value: "", label: field.isRequired ? "Choose…" : "Not sent" }, ...field.choices]}
      />
    );
  return (
    <TextInput
      {...shared}
      placeholder={field.example || (field.name.endsWith("*") ? "a/b/c" : "")}
      onChange={(event) => onChange(event.currentTarget.value)}
      autoComplete="off"
      spellCheck={false}
    />
  );
}
