/** The fields of a credential: name, kind, the settings of the kind, and the secret. */
import { Alert, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { Panel } from "../../ui/page.js";
import { SubscriptionSelect } from "../subscriptions/subscription-select.js";
import {
  type ClientAuthentication,
  type CredentialPanelProps,
  type CredentialValues,
  clientAuthenticationChoices,
} from "./credential-form-state.js";
import { type CredentialKind, kindChoices } from "./credential-kinds.js";
import { CredentialSecret } from "./credential-secret.js";
import classes from "./credentials.module.css";

export interface CredentialFieldsProps extends CredentialPanelProps {
  readonly isNew: boolean;
}

export function CredentialFields({ value, errors, isNew, set }: CredentialFieldsProps) {
  const general = errors.elsewhere((path) => Object.hasOwn(value, path));
  return (
    <>
      {general.length > 0 && (
        <Alert color="red" role="alert" title="This could not be saved">
          {general.join(" ")}
        </Alert>
      )}
      <Panel title="Credential" description={kindTexts[value.kind]}>
        <div className={classes.fields}>
          <TextInput
            label="Name"
            withAsterisk
            maxLength={200}
            value={value.name}
            error={errors.at("name")}
            onChange={(event) => set({ name: event.currentTarget.value })}
            placeholder="Order intake, production"
            autoComplete="off"
          />
          {isNew && (
            <SubscriptionSelect
              label="Subscription"
              isRequired
              value={value.subscriptionId}
              error={errors.at("subscriptionId")}
              onChange={(subscriptionId) => set({ subscriptionId })}
            />
          )}
          {isNew && (
            <NativeSelect
              label="Kind"
              description="It cannot be changed later."
              value={value.kind}
              error={errors.at("kind")}
              onChange={(event) => set({ kind: event.currentTarget.value as CredentialKind })}
              data={[...kindChoices]}
            />
          )}
          <Settings value={value} errors={errors} set={set} />
        </div>
      </Panel>
      <CredentialSecret key={value.secret.setAt} value={value} errors={errors} set={set} />
    </>
  );
}

const kindTexts: Readonly<Record<CredentialKind, string>> = {
  HEADER: "A header of each request has the secret as its value.",
  QUERY: "A query parameter of each request has the secret as its value.",
  BASIC: "Each request has the user name and the secret in Authorization (RFC 7617).",
  OAUTH_CLIENT_CREDENTIALS:
    "Each request has a bearer token, which nodes get from the token URL and renew before it expires.",
  MUTUAL_TLS: "Nodes present a certificate when they connect. The secret is its private key.",
  AWS_SIGV4: "Each request is signed for a service of AWS. The secret is the secret access key.",
};

/** Text fields by the kind that has them. */
interface SettingText {
  readonly name: keyof { [K in keyof CredentialValues as CredentialValues[K] extends string ? K : never]: K };
  readonly label: string;
  readonly description: string;
  readonly placeholder: string;
  readonly isRequired: boolean;
  readonly isPem?: true;
}

const texts: Readonly<Record<CredentialKind, readonly SettingText[]>> = {
  HEADER: [
    {
      name: "headerName",
      label: "Header name",
      description: "The header that the target reads.",
      placeholder: "X-Api-Key",
      isRequired: true,
    },
  ],
  QUERY: [
    {
      name: "parameterName",
      label: "Parameter name",
      description: "The query parameter that the target reads.",
      placeholder: "api_key",
      isRequired: true,
    },
  ],
  BASIC: [
    {
      name: "userName",
      label: "User name",
      description: "Without a colon.",
      placeholder: "orders",
      isRequired: true,
    },
  ],
  OAUTH_CLIENT_CREDENTIALS: [
    {
      name: "tokenUrl",
      label: "Token URL",
      description: "Where nodes get tokens.",
      placeholder: "https://login.example.com/oauth2/token",
      isRequired: true,
    },
    {
      name: "clientId",
      label: "Client id",
      description: "As the token server knows it.",
      placeholder: "orders-gateway",
      isRequired: true,
    },
    {
      name: "scope",
      label: "Scope",
      description: "Separated by spaces. Empty: not sent.",
      placeholder: "orders.read orders.write",
      isRequired: false,
    },
    {
      name: "audience",
      label: "Audience",
      description: "Empty: not sent.",
      placeholder: "https://orders.example.com",
      isRequired: false,
    },
    {
      name: "resource",
      label: "Resource",
      description: "RFC 8707. Empty: not sent.",
      placeholder: "https://orders.example.com",
      isRequired: false,
    },
  ],
  MUTUAL_TLS: [
    {
      name: "certificate",
      label: "Certificate",
      description: "PEM, followed by those that sign it. Empty: the secret holds it beside the private key.",
      placeholder: "-----BEGIN CERTIFICATE-----",
      isRequired: false,
      isPem: true,
    },
    {
      name: "ca",
      label: "Authorities of the target",
      description:
        "PEM of the authorities that sign the target's certificate. Empty: the authorities that nodes trust.",
      placeholder: "-----BEGIN CERTIFICATE-----",
      isRequired: false,
      isPem: true,
    },
    {
      name: "serverName",
      label: "Server name",
      description: "In the target's certificate. Empty: the URL's host.",
      placeholder: "orders.example.com",
      isRequired: false,
    },
  ],
  AWS_SIGV4: [
    {
      name: "accessKeyId",
      label: "Access key id",
      description: "Of the key whose secret is below.",
      placeholder: "AKIAIOSFODNN7EXAMPLE",
      isRequired: true,
    },
    {
      name: "region",
      label: "Region",
      description: "Where the service is.",
      placeholder: "eu-north-1",
      isRequired: true,
    },
    {
      name: "service",
      label: "Service",
      description: "Its name in signatures.",
      placeholder: "execute-api",
      isRequired: true,
    },
  ],
};

const keyId: SettingText = {
  name: "keyId",
  label: "Key id",
  description: "“kid” of the assertion. Empty: none.",
  placeholder: "2026-11",
  isRequired: false,
};

function Settings({ value, errors, set }: CredentialPanelProps) {
  const usesKey =
    value.kind === "OAUTH_CLIENT_CREDENTIALS" && value.clientAuthentication === "PRIVATE_KEY_JWT";
  return (
    <>
      {value.kind === "OAUTH_CLIENT_CREDENTIALS" && (
        <NativeSelect
          label="Client authentication"
          description="How nodes identify themselves to the token server."
          value={value.clientAuthentication}
          error={errors.at("clientAuthentication")}
          onChange={(event) =>
            set({ clientAuthentication: event.currentTarget.value as ClientAuthentication })
          }
          data={[...clientAuthenticationChoices]}
        />
      )}
      {[...texts[value.kind], ...(usesKey ? [keyId] : [])].map(({ name, isRequired, isPem, ...labels }) => {
        const input = {
          ...labels,
          withAsterisk: isRequired,
          value: value[name],
          error: errors.at(name),
          onChange: (event: { currentTarget: { value: string } }) =>
            set({ [name]: event.currentTarget.value }),
          autoComplete: "off",
          spellCheck: false,
        } as const;
        return isPem ? (
          <Textarea
            key={name}
            {...input}
            classNames={{ input: classes.mono ?? "" }}
            autosize
            minRows={3}
            maxRows={10}
          />
        ) : (
          <TextInput key={name} {...input} />
        );
      })}
    </>
  );
}
