/** The fields of a key: name, mode, expiry, limits, scopes, addresses, and who is responsible for it. */
import { SegmentedControl, TextInput } from "@mantine/core";
import type { FormState } from "../../forms/use-form-state.js";
import { ipRulesInputs } from "../../policies/ip-rules.js";
import { LimitsInputs } from "../../policies/limit-inputs.js";
import { OwnershipInputs } from "../../policies/ownership-inputs.js";
import { type LinesField, LinesInputs } from "../../ui/lines-inputs.js";
import classes from "./key-form.module.css";
import type { KeyValues } from "./key-form-state.js";

const restrictions: readonly LinesField<"scopes" | "allowIps" | "denyIps">[] = [
  {
    name: "scopes",
    label: "Scopes",
    description: "Methods and paths that this key may call, one per line. Empty: every route of the API.",
    placeholder: "GET /orders/{id}",
  },
  ...ipRulesInputs,
];

export function KeyFields({ values, errors, set }: Pick<FormState<KeyValues>, "values" | "errors" | "set">) {
  const general = errors.elsewhere((path) => Object.hasOwn(values, path));
  return (
    <>
      <TextInput
        label="Name"
        withAsterisk
        placeholder="Warehouse, production"
        value={values.name}
        error={errors.at("name")}
        onChange={(event) => set({ name: event.currentTarget.value })}
        autoComplete="off"
        data-autofocus
      />
      <div>
        <span className={classes.label} id="key-mode">
          Mode
        </span>
        <SegmentedControl
          aria-labelledby="key-mode"
          value={values.mode}
          onChange={(mode) => set({ mode: mode as KeyValues["mode"] })}
          data={[
            { value: "HEADER", label: "Header" },
            { value: "WEBHOOK", label: "Webhook" },
          ]}
        />
        <p className={classes.hint}>
          {values.mode === "HEADER"
            ? "The client sends the key in a header. It is never accepted in the query."
            : "For senders that cannot set headers: the key may be in the query, with the webhook flag."}
        </p>
      </div>
      <TextInput
        type="datetime-local"
        step={1}
        label="Expires"
        description="In your time zone. Empty: never."
        value={values.expiresAt}
        error={errors.at("expiresAt")}
        onChange={(event) => set({ expiresAt: event.currentTarget.value })}
      />
      <LimitsInputs values={values} errors={errors} set={set} />
      <LinesInputs fields={restrictions} minRows={1} maxRows={8} values={values} errors={errors} set={set} />
      <OwnershipInputs values={values} errors={errors} set={set} />
      {general.map((text) => (
        <p className="lk-problem" role="alert" key={text}>
          {text}
        </p>
      ))}
    </>
  );
}
