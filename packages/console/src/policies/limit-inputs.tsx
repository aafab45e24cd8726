/** The fields of a rate limit and a quota: requests, window, burst. */
import { NativeSelect, NumberInput } from "@mantine/core";
import type { LimitsValues, LimitValues } from "./limit-values.js";
import classes from "./policies.module.css";

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

export interface LimitsInputsProps {
  readonly values: LimitsValues;
  readonly errors: { at(name: string): string | null };
  readonly set: (change: Partial<LimitsValues>) => void;
}

export function LimitsInputs({ values, errors, set }: LimitsInputsProps) {
  return (
    <>
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
  thousandSeparator: ",",
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
