/** The body of a request: its content type, examples to start from, and the text. */
import { Autocomplete, NativeSelect } from "@mantine/core";
import { JsonInput } from "../../ui/json-input.js";
import type { RequestForm } from "./request-form.js";
import { type BodyChoice, isJsonType } from "./request-model.js";
import classes from "./try-it.module.css";

export interface BodyFieldsProps {
  readonly form: RequestForm;
  readonly bodies: readonly BodyChoice[];
  readonly onChange: (change: Partial<RequestForm>) => void;
}

export function BodyFields({ form, bodies, onChange }: BodyFieldsProps) {
  const examples = bodies.find((each) => each.contentType === form.contentType)?.examples ?? [];
  return (
    <fieldset className={classes.group} aria-label="Request body">
      <legend>Request body</legend>
      <div className={classes.pair}>
        <Autocomplete
          label="Content type"
          data={bodies.map((each) => each.contentType)}
          value={form.contentType}
          onChange={(contentType) => onChange({ contentType })}
          spellCheck={false}
        />
        {examples.length > 0 && (
          <NativeSelect
            label="Example"
            value={String(examples.findIndex(({ text }) => text === form.body))}
            onChange={(event) => {
              const chosen = examples[Number(event.currentTarget.value)];
              if (chosen !== undefined) onChange({ body: chosen.text });
            }}
            data={[
              { value: "-1", label: "Your own" },
              ...examples.map(({ name }, index) => ({ value: String(index), label: name })),
            ]}
          />
        )}
      </div>
      <JsonInput
        label="Body"
        isJson={isJsonType(form.contentType)}
        minRows={5}
        maxRows={18}
        value={form.body}
        placeholder={isJsonType(form.contentType) ? '{ "sku": "A-1", "count": 3 }' : ""}
        onChange={(body) => onChange({ body })}
      />
    </fieldset>
  );
}
