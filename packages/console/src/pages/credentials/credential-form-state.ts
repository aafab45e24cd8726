/** The credential form's content, its fields, and the input that a change of it makes. Pure. */
import { type FormField, propertyField } from "../../forms/form-fields.js";
import type { CredentialFieldsFragment, UpdateCredentialMutationVariables } from "../../gen/credentials.js";
import type { FieldErrors, UserErrorLike } from "../../graphql/user-errors.js";
import type { CredentialKind } from "./credential-kinds.js";

type OAuth = NonNullable<CredentialFieldsFragment["oauth"]>;
export type ClientAuthentication = OAuth["clientAuthentication"];

export interface SecretValues {
  readonly source: "entered" | "referenced";
  /** What was typed; empty: the stored secret stays. */
  readonly value: string;
  readonly reference: string;
  /** When the stored secret was set; null: there is none yet. Another one was set by another operator. */
  readonly setAt: string | null;
}

export interface CredentialValues {
  readonly name: string;
  readonly subscriptionId: string | null;
  readonly kind: CredentialKind;
  readonly headerName: string;
  readonly parameterName: string;
  readonly userName: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientAuthentication: ClientAuthentication;
  readonly scope: string;
  readonly audience: string;
  readonly resource: string;
  readonly keyId: string;
  readonly certificate: string;
  readonly ca: string;
  readonly serverName: string;
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
  readonly secret: SecretValues;
}

/** What each panel of the form is given. */
export interface CredentialPanelProps {
  readonly value: CredentialValues;
  readonly errors: FieldErrors;
  readonly set: (change: Partial<CredentialValues>) => void;
}

const oauthNames = [
  "tokenUrl",
  "clientId",
  "clientAuthentication",
  "scope",
  "audience",
  "resource",
  "keyId",
] as const satisfies readonly (keyof CredentialValues & keyof OAuth)[];

const mutualTlsNames = ["certificate", "ca", "serverName"] as const;
const awsNames = ["accessKeyId", "region", "service"] as const;

/** Without the type's name, which no input takes. */
function pickFrom<T extends object, N extends keyof T>(of: T, names: readonly N[]): Pick<T, N> {
  return Object.fromEntries(names.map((name) => [name, of[name]])) as Pick<T, N>;
}

export const emptyCredential: CredentialValues = {
  name: "",
  subscriptionId: null,
  kind: "HEADER",
  headerName: "",
  parameterName: "",
  userName: "",
  tokenUrl: "",
  clientId: "",
  clientAuthentication: "CLIENT_SECRET_BASIC",
  scope: "",
  audience: "",
  resource: "",
  keyId: "",
  certificate: "",
  ca: "",
  serverName: "",
  accessKeyId: "",
  region: "",
  service: "",
  secret: { source: "entered", value: "", reference: "", setAt: null },
};

export function toCredentialValues(credential: CredentialFieldsFragment): CredentialValues {
  const { header, query, basic, oauth, mutualTls, aws, secretReference } = credential;
  return {
    ...emptyCredential,
    name: credential.name,
    subscriptionId: credential.subscription.id,
    kind: credential.kind,
    ...(header !== null && { headerName: header.name }),
    ...(query !== null && { parameterName: query.name }),
    ...(basic !== null && { userName: basic.userName }),
    ...(oauth !== null && pickFrom(oauth, oauthNames)),
    ...(mutualTls !== null && pickFrom(mutualTls, mutualTlsNames)),
    ...(aws !== null && pickFrom(aws, awsNames)),
    secret: {
      source: secretReference === null ? "entered" : "referenced",
      value: "",
      reference: secretReference ?? "",
      setAt: credential.secretSetAt,
    },
  };
}

type Input = Omit<UpdateCredentialMutationVariables["input"], "id" | "expectedVersion">;

/** The changed fields only; settings of a kind go together. */
export function toCredentialChange(values: CredentialValues, changed: ReadonlySet<string>): Input {
  return {
    ...(changed.has("name") && { name: values.name }),
    ...(settingNames[values.kind].some((name) => changed.has(name)) && toSettings(values)),
    ...(changed.has("secret") && { secret: toSecret(values.secret) }),
  };
}

export function toCredentialInput(values: CredentialValues) {
  return { name: values.name, ...toSettings(values), secret: toSecret(values.secret) };
}

function toSecret({ source, value, reference }: SecretValues) {
  return source === "entered" ? { value } : { reference };
}

const settingNames: Readonly<Record<CredentialKind, readonly (keyof CredentialValues)[]>> = {
  HEADER: ["headerName"],
  QUERY: ["parameterName"],
  BASIC: ["userName"],
  OAUTH_CLIENT_CREDENTIALS: oauthNames,
  MUTUAL_TLS: mutualTlsNames,
  AWS_SIGV4: awsNames,
};

function toSettings(
  values: CredentialValues,
): Pick<Input, "header" | "query" | "basic" | "oauth" | "mutualTls" | "aws"> {
  switch (values.kind) {
    case "HEADER":
      return { header: { name: values.headerName } };
    case "QUERY":
      return { query: { name: values.parameterName } };
    case "BASIC":
      return { basic: { userName: values.userName } };
    case "OAUTH_CLIENT_CREDENTIALS":
      return { oauth: pickFrom(values, oauthNames) };
    case "MUTUAL_TLS":
      return { mutualTls: pickFrom(values, mutualTlsNames) };
    case "AWS_SIGV4":
      return { aws: pickFrom(values, awsNames) };
  }
}

/** What the server would take for "the secret stays". */
export function checkSecret({ secret }: CredentialValues): readonly UserErrorLike[] {
  const isMissing = secret.source === "entered" && secret.value === "";
  return isMissing
    ? [{ field: ["secret"], code: "REQUIRED", message: `Enter the secret, or choose “Reference”.` }]
    : [];
}

const text = (value: string): string => value;

const clientAuthentications: Readonly<Record<ClientAuthentication, string>> = {
  CLIENT_SECRET_BASIC: "Client secret in the Authorization header",
  CLIENT_SECRET_POST: "Client secret in the body",
  PRIVATE_KEY_JWT: "Private key (signed assertion)",
};

export const clientAuthenticationChoices = Object.entries(clientAuthentications).map(([value, label]) => ({
  value,
  label,
}));

const plainFields: readonly FormField<CredentialValues>[] = [
  propertyField<CredentialValues, "name">("name", "Name", text),
  propertyField<CredentialValues, "secret">("secret", "Secret", showSecret),
];

const settingFields: Readonly<Record<CredentialKind, readonly FormField<CredentialValues>[]>> = {
  HEADER: [propertyField<CredentialValues, "headerName">("headerName", "Header name", text)],
  QUERY: [propertyField<CredentialValues, "parameterName">("parameterName", "Parameter name", text)],
  BASIC: [propertyField<CredentialValues, "userName">("userName", "User name", text)],
  OAUTH_CLIENT_CREDENTIALS: [
    propertyField<CredentialValues, "tokenUrl">("tokenUrl", "Token URL", text),
    propertyField<CredentialValues, "clientId">("clientId", "Client id", text),
    propertyField<CredentialValues, "clientAuthentication">(
      "clientAuthentication",
      "Client authentication",
      (value) => clientAuthentications[value],
    ),
    propertyField<CredentialValues, "scope">("scope", "Scope", text),
    propertyField<CredentialValues, "audience">("audience", "Audience", text),
    propertyField<CredentialValues, "resource">("resource", "Resource", text),
    propertyField<CredentialValues, "keyId">("keyId", "Key id", text),
  ],
  MUTUAL_TLS: [
    propertyField<CredentialValues, "certificate">("certificate", "Certificate", text),
    propertyField<CredentialValues, "ca">("ca", "Authorities of the target", text),
    propertyField<CredentialValues, "serverName">("serverName", "Server name", text),
  ],
  AWS_SIGV4: [
    propertyField<CredentialValues, "accessKeyId">("accessKeyId", "Access key id", text),
    propertyField<CredentialValues, "region">("region", "Region", text),
    propertyField<CredentialValues, "service">("service", "Service", text),
  ],
};

/** Never the secret itself. */
function showSecret({ source, value, reference, setAt }: SecretValues): string {
  if (source === "referenced") return reference;
  if (value !== "") return "Another secret";
  return setAt === null ? "" : `Set on ${setDate(setAt)}`;
}

const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

export function setDate(at: string): string {
  return day.format(new Date(at));
}

/** The fields of the kind that it has. */
export const credentialFormFields = ([
  first,
]: readonly CredentialValues[]): readonly FormField<CredentialValues>[] => [
  ...plainFields,
  ...settingFields[first?.kind ?? "HEADER"],
];

/** The form's field for a field of the input. */
export function credentialErrorField(path: string): string {
  if (path.startsWith("secret")) return "secret";
  if (path === "header.name") return "headerName";
  if (path === "query.name") return "parameterName";
  return path.replace(/^(basic|oauth|mutualTls|aws)\./, "");
}
