/** Makes a key or changes one: name, mode, expiry, rate limit and quota. A new key's secret is shown once. */
import { Button, NativeSelect, NumberInput, SegmentedControl, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { useClient, useMutation } from "urql";
import { CreateApiKeyDocument, UpdateApiKeyDocument } from "../../gen/key-actions.js";
import { announceReceipt } from "../../graphql/receipt.js";
import { touching } from "../../graphql/touched.js";
import { FieldErrors } from "../../graphql/user-errors.js";
import { Dialog, DialogActions } from "../../ui/dialog.js";
import { failureText } from "../../ui/failure.js";
import { SecretDialog } from "../../ui/secret-dialog.js";
import classes from "./key-form.module.css";
import type { KeyRow } from "./keys-page.js";

export interface KeyFormDialogProps {
  readonly apiId: string;
  readonly isRecoverable: boolean;
  /** Null: a new key. */
  readonly edited: KeyRow | null;
  readonly opened: boolean;
  readonly onClose: () => void;
}

interface LimitFields {
  readonly limit: number | string;
  readonly windowSeconds: number;
}

interface KeyFields {
  readonly name: string;
  readonly mode: "HEADER" | "WEBHOOK";
  /** As `datetime-local` has it, in the person's zone; empty: never. */
  readonly expiresAt: string;
  readonly rateLimit: LimitFields;
  readonly quota: LimitFields;
}

const blank: KeyFields = {
  name: "",
  mode: "HEADER",
  expiresAt: "",
  rateLimit: { limit: "", windowSeconds: 60 },
  quota: { limit: "", windowSeconds: 2_592_000 },
};

function fieldsOf(key: KeyRow | null): KeyFields {
  if (key === null) return blank;
  return {
    name: key.name,
    mode: key.mode,
    expiresAt: key.expiresAt === null ? "" : localInput(new Date(key.expiresAt)),
    rateLimit: key.rateLimit ?? blank.rateLimit,
    quota: key.quota ?? blank.quota,
  };
}

/** `2026-11-24T13:05` in the person's zone. */
function localInput(date: Date): string {
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

function limitOf(fields: LimitFields): { limit: number; windowSeconds: number } | null {
  return fields.limit === "" ? null : { limit: Number(fields.limit), windowSeconds: fields.windowSeconds };
}

const rateWindows = [
  { value: "1", label: "a second" },
  { value: "60", label: "a minute" },
  { value: "3600", label: "an hour" },
  { value: "86400", label: "a day" },
];

const quotaWindows = [
  { value: "86400", label: "a day" },
  { value: "604800", label: "7 days" },
  { value: "2592000", label: "30 days" },
  { value: "31536000", label: "365 days" },
];

export function KeyFormDialog({ apiId, isRecoverable, edited, opened, onClose }: KeyFormDialogProps) {
  const client = useClient();
  const [fields, setFields] = useState(blank);
  const [errors, setErrors] = useState(FieldErrors.none);
  const [problem, setProblem] = useState<string | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const [creating, createKey] = useMutation(CreateApiKeyDocument);
  const [updating, updateKey] = useMutation(UpdateApiKeyDocument);

  useEffect(() => {
    if (!opened) return;
    setFields(fieldsOf(edited));
    setErrors(FieldErrors.none);
    setProblem(null);
  }, [opened, edited]);

  function set(change: Partial<KeyFields>): void {
    setFields((current) => ({ ...current, ...change }));
    setErrors((current) => Object.keys(change).reduce((left, name) => left.without(name), current));
  }

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setProblem(null);
    const input = {
      name: fields.name,
      mode: fields.mode,
      expiresAt: fields.expiresAt === "" ? null : new Date(fields.expiresAt).toISOString(),
      rateLimit: limitOf(fields.rateLimit),
      quota: limitOf(fields.quota),
    };
    if (edited === null) {
      const { data, error } = await createKey({ input: { apiId, ...input } }, touching("ApiKey"));
      const payload = data?.createApiKey;
      if (payload === undefined)
        setProblem(error === undefined ? "The key was not made." : failureText(error));
      else if (payload.secret === null) setErrors(new FieldErrors(payload.userErrors));
      else {
        setSecret(payload.secret);
        void announceReceipt(client, payload.revision, `“${fields.name}” is made`, "Accepted");
      }
      return;
    }
    const { data, error } = await updateKey({
      input: { id: edited.id, expectedVersion: edited.version, ...input },
    });
    const payload = data?.updateApiKey;
    if (payload === undefined) setProblem(error === undefined ? "Nothing was changed." : failureText(error));
    else if (payload.userErrors.length > 0) setErrors(new FieldErrors(payload.userErrors));
    else {
      void announceReceipt(client, payload.revision, `“${fields.name}” is changed`, "In force");
      onClose();
    }
  }

  const general = errors.elsewhere((path) => /^(name|mode|expiresAt|rateLimit|quota)(\.|$)/.test(path));
  return (
    <>
      <Dialog
        title={edited === null ? "New key" : "Edit key"}
        opened={opened && secret === null}
        onClose={onClose}
        size="lg"
      >
        <form className={classes.form} onSubmit={(event) => void submit(event)} noValidate>
          <TextInput
            label="Name"
            withAsterisk
            placeholder="Warehouse, production"
            value={fields.name}
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
              value={fields.mode}
              onChange={(mode) => set({ mode: mode as KeyFields["mode"] })}
              data={[
                { value: "HEADER", label: "Header" },
                { value: "WEBHOOK", label: "Webhook" },
              ]}
            />
            <p className={classes.hint}>
              {fields.mode === "HEADER"
                ? "The caller sends the key in a header. It is never taken from the query."
                : "For senders that cannot set headers: the key may stand in the query, with the webhook flag."}
            </p>
          </div>
          <TextInput
            type="datetime-local"
            label="Expires"
            description="In your time zone. Empty: never."
            value={fields.expiresAt}
            error={errors.at("expiresAt")}
            onChange={(event) => set({ expiresAt: event.currentTarget.value })}
          />
          <LimitInputs
            label="Rate limit"
            placeholder="No limit"
            value={fields.rateLimit}
            windows={rateWindows}
            error={errors.at("rateLimit.limit") ?? errors.at("rateLimit.windowSeconds")}
            onChange={(rateLimit) => set({ rateLimit })}
          />
          <LimitInputs
            label="Quota"
            placeholder="No quota"
            value={fields.quota}
            windows={quotaWindows}
            error={errors.at("quota.limit") ?? errors.at("quota.windowSeconds")}
            onChange={(quota) => set({ quota })}
          />
          {[...general, ...(problem === null ? [] : [problem])].map((text) => (
            <p className="lk-problem" role="alert" key={text}>
              {text}
            </p>
          ))}
          <DialogActions>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={creating.fetching || updating.fetching}>
              {edited === null ? "Create key" : "Save"}
            </Button>
          </DialogActions>
        </form>
      </Dialog>
      <SecretDialog
        title="The new API key"
        secret={secret}
        isRecoverable={isRecoverable}
        onClose={() => {
          setSecret(null);
          onClose();
        }}
      />
    </>
  );
}

interface LimitInputsProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: LimitFields;
  readonly windows: readonly { readonly value: string; readonly label: string }[];
  readonly error: string | null;
  readonly onChange: (value: LimitFields) => void;
}

function LimitInputs({ label, placeholder, value, windows, error, onChange }: LimitInputsProps) {
  const known = windows.some((each) => each.value === String(value.windowSeconds));
  const choices = known
    ? windows
    : [...windows, { value: String(value.windowSeconds), label: `${value.windowSeconds} s` }];
  return (
    <div className={classes.limit}>
      <NumberInput
        label={label}
        description="Requests; empty for none."
        placeholder={placeholder}
        value={value.limit}
        error={error}
        onChange={(limit) => onChange({ ...value, limit })}
        min={1}
        allowDecimal={false}
        allowNegative={false}
        thousandSeparator=" "
        hideControls
      />
      <NativeSelect
        label="In"
        aria-label={`${label}: window`}
        value={String(value.windowSeconds)}
        onChange={(event) => onChange({ ...value, windowSeconds: Number(event.currentTarget.value) })}
        data={[...choices]}
      />
    </div>
  );
}
