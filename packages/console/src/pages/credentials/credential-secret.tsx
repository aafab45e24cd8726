/** The secret of a credential: typed in and never shown again, or a reference that nodes resolve. */
import { Button, PasswordInput, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { Panel } from "../../ui/page.js";
import { TimeAgo } from "../../ui/time-ago.js";
import type { CredentialPanelProps, CredentialValues, SecretValues } from "./credential-form-state.js";
import { setDate } from "./credential-form-state.js";
import classes from "./credentials.module.css";

export function CredentialSecret({ value, errors, set }: CredentialPanelProps) {
  const { secret } = value;
  // What was stored when the form was read: a change of the source can be taken back to it.
  const [stored] = useState(secret);
  const [isReplacing, setReplacing] = useState(false);
  const change = (fields: Partial<SecretValues>) => set({ secret: { ...secret, ...fields } });
  const isKept = secret.source === "entered" && stored.source === "entered" && stored.setAt !== null;
  const isShown = !isKept || isReplacing || secret.value !== "" || errors.at("secret") !== null;
  return (
    <Panel
      title="Secret"
      description="An entered secret is encrypted at once and never shown. A reference is resolved on each node."
    >
      <div className={classes.secret}>
        <SegmentedControl
          aria-label="Where the secret comes from"
          value={secret.source}
          onChange={(source) =>
            set({ secret: source === stored.source ? stored : { ...secret, source: toSource(source) } })
          }
          data={[
            { value: "entered", label: "Enter" },
            { value: "referenced", label: "Reference" },
          ]}
        />
        {secret.source === "referenced" && (
          <TextInput
            label="Reference"
            withAsterisk
            description="env:NAME, with a name that has the prefix configured on the nodes (LATCHKEY_SECRET_), or file:/path below /run/secrets. A file is read again when it changes."
            placeholder="file:/run/secrets/orders"
            value={secret.reference}
            error={errors.at("secret")}
            onChange={(event) => change({ reference: event.currentTarget.value })}
            autoComplete="off"
            spellCheck={false}
          />
        )}
        {secret.source === "entered" && !isShown && stored.setAt !== null && (
          <div className={classes.kept}>
            <span>
              Set on {setDate(stored.setAt)}{" "}
              <span className="lk-muted">
                (<TimeAgo at={stored.setAt} />)
              </span>
            </span>
            <Button size="xs" variant="default" onClick={() => setReplacing(true)}>
              Replace
            </Button>
          </div>
        )}
        {secret.source === "entered" && isShown && (
          <SecretInput
            value={value}
            error={errors.at("secret")}
            isFocused={isReplacing}
            onChange={(typed) => change({ value: typed })}
          />
        )}
        {isKept && isShown && (
          <Button
            className={classes.keep ?? ""}
            size="xs"
            variant="default"
            onClick={() => {
              setReplacing(false);
              set({ secret: stored });
            }}
          >
            Keep the stored secret
          </Button>
        )}
      </div>
    </Panel>
  );
}

function toSource(value: string): SecretValues["source"] {
  return value === "referenced" ? "referenced" : "entered";
}

interface SecretInputProps {
  readonly value: CredentialValues;
  readonly error: string | null;
  readonly isFocused: boolean;
  readonly onChange: (typed: string) => void;
}

/** A private key has lines; anything else is one line of dots. */
function SecretInput({ value, error, isFocused, onChange }: SecretInputProps) {
  const { label, description } = wordsOf(value);
  const input = {
    label,
    description,
    withAsterisk: true,
    value: value.secret.value,
    error,
    onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
    autoComplete: "off",
    autoFocus: isFocused,
    spellCheck: false,
  } as const;
  if (isKey(value))
    return (
      <Textarea
        {...input}
        classNames={{ input: classes.mono ?? "" }}
        autosize
        minRows={4}
        maxRows={12}
        placeholder="-----BEGIN PRIVATE KEY-----"
      />
    );
  return <PasswordInput {...input} autoComplete="new-password" />;
}

function isKey({ kind, clientAuthentication }: CredentialValues): boolean {
  if (kind === "MUTUAL_TLS") return true;
  return kind === "OAUTH_CLIENT_CREDENTIALS" && clientAuthentication === "PRIVATE_KEY_JWT";
}

function wordsOf(value: CredentialValues): { readonly label: string; readonly description: string } {
  switch (value.kind) {
    case "HEADER":
      return {
        label: "Value of the header",
        description: "All of it, with a word like “Bearer” before the key if the target wants one.",
      };
    case "QUERY":
      return { label: "Value of the parameter", description: "It is percent-encoded where needed." };
    case "BASIC":
      return { label: "Password", description: "Visible ASCII characters." };
    case "OAUTH_CLIENT_CREDENTIALS":
      return isKey(value)
        ? { label: "Private key", description: "PEM without a passphrase: RSA, EC P-256 or Ed25519." }
        : { label: "Client secret", description: "As the token server issued it." };
    case "MUTUAL_TLS":
      return {
        label: "Private key",
        description: "PEM without a passphrase; with the certificate behind it if that is not entered above.",
      };
    case "AWS_SIGV4":
      return { label: "Secret access key", description: "Of the access key above." };
  }
}
