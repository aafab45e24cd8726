/** The fields of a key: name, mode, expiry, limits, scopes and addresses. */
import { NativeSelect, NumberInput, SegmentedControl, TextInput } from "@mantine/core";
import type { FormState } from "../../forms/use-form-state.js";
import { LinesInputs } from "../../ui/lines-inputs.js";
import classes from "./key-form.module.css";
import type { KeyValues, LimitValues } from "./key-form-state.js";

const rateWindows = [
  { value: "1", label: "per second" },
  { value: "60", label: "per minute" },
  { value: "3600", label: "per hour" },
  { value: "86400", label: "per day" },
];

const quotaWindows = [
  { value: "86400", label: "per day" },
  { value: "604800", label: "in 7 days" },
  { value: "2592000", label: "in 30 days" },
  { value: "31536000", label: "in 365 days" },
];

const restrictions = [
  {
    name: "scopes",
    label: "Scopes",
    description: "Methods and paths that it may be used for, one a line. Empty: every route of the API.",
    placeholder: "GET /orders/{id}",
  },
  {
    name: "allowIps",
    label: "Allowed addresses",
    description: "Addresses or CIDR blocks, one a line. Empty: any.",
    placeholder: "203.0.113.0/24",
  },
  {
    name: "denyIps",
    label: "Denied addresses",
    description: "They win over allowed ones.",
    placeholder: "203.0.113.7",
  },
] as const;

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
      <LimitInputs
        label="Rate limit"
        placeholder="No limit"
        value={values.rateLimit}
        windows={rateWindows}
        error={errors.at("rateLimit")}
        onChange={(rateLimit) => set({ rateLimit })}
      />
      <LimitInputs
        label="Quota"
        placeholder="No quota"
        value={values.quota}
        windows={quotaWindows}
        error={errors.at("quota")}
        onChange={(quota) => set({ quota })}
      />
      <LinesInputs fields={restrictions} minRows={1} maxRows={8} values={values} errors={errors} set={set} />
      {general.map((text) => (
        <p className="lk-problem" role="alert" key={text}>
          {text}
        </p>
      ))}
    </>
  );
}

interface LimitInputsProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: LimitValues;
  readonly windows: readonly { readonly value: string; readonly label: string }[];
  readonly error: string | null;
  readonly onChange: (value: LimitValues) => void;
}

const number = {
  min: 1,
  allowDecimal: false,
  allowNegative: false,
  thousandSeparator: " ",
  hideControls: true,
} as const;

function LimitInputs({ label, placeholder, value, windows, error, onChange }: LimitInputsProps) {
  const isKnown = windows.some((each) => each.value === String(value.windowSeconds));
  const choices = isKnown
    ? windows
    : [...windows, { value: String(value.windowSeconds), label: `in ${value.windowSeconds} s` }];
  return (
    <div className={classes.limit}>
      <NumberInput
        {...number}
        label={label}
        description="Requests; empty for none."
        placeholder={placeholder}
        value={value.limit}
        error={error}
        onChange={(limit) => onChange({ ...value, limit })}
      />
      <NativeSelect
        label="Window"
        aria-label={`Window of the ${label.toLowerCase()}`}
        value={String(value.windowSeconds)}
        onChange={(event) => onChange({ ...value, windowSeconds: Number(event.currentTarget.value) })}
        data={[...choices]}
      />
      <NumberInput
        {...number}
        label="Burst"
        aria-label={`Burst of the ${label.toLowerCase()}`}
        placeholder="As the limit"
        value={value.burst}
        disabled={value.limit === ""}
        onChange={(burst) => onChange({ ...value, burst })}
      />
    </div>
  );
}
