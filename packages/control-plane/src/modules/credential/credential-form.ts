/**
 * The rules of a credential's form. A field that is left out stays as it is; the kind is chosen once. Pure: encrypts
 * nothing and knows no database. Messages never quote a secret.
 */
import { foldedName, HOST_NAME_RULE, headerNameFault, isHostName } from "@latchkey/core";
import type {
  ClientAuthentication,
  CredentialKind,
  CredentialScheme,
  SecretSource,
} from "@latchkey/snapshot";
import type { Problems } from "../../errors/user-error.js";
import { checkText, type FieldPath, type Maybe } from "../../forms/form.js";
import { checkSecretUrl, type UpstreamAllowList } from "../integration/upstream-url.js";
import { certificatesIn, isPair, privateKeyIn } from "./client-certificate.js";
import { type Credential, credentialLimits, type SchemeOf } from "./credential.js";

export interface OAuthForm {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientAuthentication: ClientAuthentication;
  readonly scope?: Maybe<string>;
  readonly audience?: Maybe<string>;
  readonly resource?: Maybe<string>;
  readonly keyId?: Maybe<string>;
}

export interface MutualTlsForm {
  readonly certificate?: Maybe<string>;
  readonly ca?: Maybe<string>;
  readonly serverName?: Maybe<string>;
}

export interface AwsForm {
  readonly region: string;
  readonly service: string;
  readonly accessKeyId: string;
}

export interface SecretForm {
  readonly value?: Maybe<string>;
  readonly reference?: Maybe<string>;
}

/** One of the kinds. */
export interface SchemeForm {
  readonly header?: Maybe<{ readonly name: string }>;
  readonly query?: Maybe<{ readonly name: string }>;
  readonly basic?: Maybe<{ readonly userName: string }>;
  readonly oauth?: Maybe<OAuthForm>;
  readonly mutualTls?: Maybe<MutualTlsForm>;
  readonly aws?: Maybe<AwsForm>;
}

export interface CredentialForm extends SchemeForm {
  readonly name?: Maybe<string>;
  readonly secret?: Maybe<SecretForm>;
}

/** A secret as it came: still in clear, or a reference. */
export type EnteredSecret =
  | { readonly kind: "value"; readonly value: string }
  | { readonly kind: "reference"; readonly reference: string };

export interface CredentialContent {
  readonly name: string;
  readonly scheme: CredentialScheme;
  /** Null: it stays. */
  readonly secret: EnteredSecret | null;
}

const kindOfField = {
  header: "header",
  query: "query",
  basic: "basic",
  oauth: "oauth",
  mutualTls: "mutual-tls",
  aws: "aws",
} as const satisfies Record<keyof SchemeForm, CredentialKind>;
const schemeFields = Object.keys(kindOfField) as (keyof SchemeForm)[];

/** What the form makes of `before` (null: a new one). Null when something is wrong, which is in `problems`. */
export function applyCredentialForm(
  problems: Problems,
  before: Credential | null,
  form: CredentialForm,
  allow: UpstreamAllowList,
): CredentialContent | null {
  const name = checkText(problems, at("name"), "The name", form.name ?? before?.name ?? "", {
    charsMax: credentialLimits.nameCharsMax,
    required: true,
  });
  const scheme = checkScheme(problems, before, form, allow);
  const kind = scheme?.kind ?? before?.scheme.kind ?? null;
  const secret =
    kind === null ? null : checkSecret(problems, before?.secret ?? null, kind, form.secret ?? null);
  if (scheme?.kind === "oauth") checkKeyChange(problems, before, scheme, secret);
  if (scheme?.kind === "mutual-tls" && secret?.kind === "value" && !problems.any)
    checkPair(problems, scheme, secret.value);
  return problems.any || scheme === null ? null : { name, scheme, secret };
}

function at(...path: readonly string[]): FieldPath {
  return ["input", ...path];
}

function checkScheme(
  problems: Problems,
  before: Credential | null,
  form: SchemeForm,
  allow: UpstreamAllowList,
): CredentialScheme | null {
  const given = schemeFields.filter((field) => form[field] !== undefined && form[field] !== null);
  const [field] = given;
  if (given.length > 1) {
    problems.add("INVALID", at(given[1] ?? ""), `A credential has one kind: ${given.join(" or ")}.`);
    return null;
  }
  if (field === undefined) {
    if (before !== null) return before.scheme;
    problems.add("REQUIRED", at(), `A credential has a kind: one of ${schemeFields.join(", ")}.`);
    return null;
  }
  if (before !== null && kindOfField[field] !== before.scheme.kind) {
    problems.add("INVALID", at(field), "The kind of a credential cannot change: make another credential.");
    return null;
  }
  return schemeOf(problems, form, allow);
}

function schemeOf(problems: Problems, form: SchemeForm, allow: UpstreamAllowList): CredentialScheme | null {
  const text = (field: keyof SchemeForm, name: string, noun: string, value: string, required = true) =>
    checkText(problems, at(field, name), noun, value, { charsMax: credentialLimits.textCharsMax, required });
  if (form.header) return { kind: "header", name: checkHeaderName(problems, form.header.name) };
  if (form.query)
    return { kind: "query", name: text("query", "name", "The parameter's name", form.query.name) };
  if (form.basic) {
    const userName = text("basic", "userName", "The user name", form.basic.userName);
    if (userName.includes(":"))
      problems.add("INVALID", at("basic", "userName"), "A user name has no colon (RFC 7617).");
    return { kind: "basic", userName };
  }
  if (form.oauth) {
    const { clientAuthentication } = form.oauth;
    return {
      kind: "oauth",
      tokenUrl: checkTokenUrl(problems, form.oauth.tokenUrl, allow),
      clientId: text("oauth", "clientId", "The client id", form.oauth.clientId),
      clientAuthentication,
      scope: text("oauth", "scope", "The scope", form.oauth.scope ?? "", false),
      audience: text("oauth", "audience", "The audience", form.oauth.audience ?? "", false),
      resource: text("oauth", "resource", "The resource", form.oauth.resource ?? "", false),
      keyId: text("oauth", "keyId", "The key id", form.oauth.keyId ?? "", false),
    };
  }
  if (form.mutualTls) {
    const { certificate, ca, serverName } = form.mutualTls;
    return {
      kind: "mutual-tls",
      certificate: checkCertificates(problems, at("mutualTls", "certificate"), certificate ?? ""),
      ca: checkCertificates(problems, at("mutualTls", "ca"), ca ?? ""),
      serverName: checkServerName(problems, serverName ?? ""),
    };
  }
  if (form.aws) {
    const name = (field: keyof AwsForm, noun: string): string =>
      checkScopeName(problems, at("aws", field), noun, form.aws?.[field] ?? "");
    return {
      kind: "aws",
      region: name("region", "The region"),
      service: name("service", "The service"),
      accessKeyId: name("accessKeyId", "The access key id"),
    };
  }
  return null;
}

/** One certificate or several, in PEM; empty: none. */
function checkCertificates(problems: Problems, field: FieldPath, text: string): string {
  const pem = text.trim();
  if (pem === "") return "";
  if (pem.length > credentialLimits.pemCharsMax)
    problems.add("TOO_LONG", field, `Certificates have at most ${credentialLimits.pemCharsMax} characters.`);
  else if (pem.includes("PRIVATE KEY"))
    problems.add("INVALID", field, "This holds a private key: it belongs into the secret.");
  else if (certificatesIn(pem) === null)
    problems.add("INVALID", field, "This is no certificate in PEM (-----BEGIN CERTIFICATE-----).");
  return `${pem}\n`;
}

function checkServerName(problems: Problems, text: string): string {
  const name = text.trim().toLowerCase();
  if (name !== "" && !isHostName(name))
    problems.add(
      "INVALID",
      at("mutualTls", "serverName"),
      `A server name is a host name without scheme and port, as in orders.example.com. ${HOST_NAME_RULE}`,
    );
  return name;
}

/** What stands between the slashes of a signature's scope. */
function checkScopeName(problems: Problems, field: FieldPath, noun: string, text: string): string {
  const name = text.trim();
  if (name === "") problems.add("REQUIRED", field, `${noun} is empty.`);
  else if (!/^[A-Za-z0-9_-]{1,128}$/.test(name))
    problems.add("INVALID", field, `${noun} has letters, digits, hyphens and underscores.`);
  return name;
}

/** @param secret of the credential, in clear */
export function checkPair(problems: Problems, scheme: SchemeOf<"mutual-tls">, secret: string): void {
  if (isPair(scheme.certificate, secret)) return;
  if (scheme.certificate === "" && certificatesIn(secret) === null)
    problems.add(
      "REQUIRED",
      at("mutualTls", "certificate"),
      "Give the certificate here, or in the secret together with its private key.",
    );
  else
    problems.add(
      "INVALID",
      at("mutualTls", "certificate"),
      "The private key is not the key of this certificate. A chain begins with the client's own certificate.",
    );
}

/** The gateway may send a body on in another coding, and decides by its type. */
const OF_THE_BODY: ReadonlySet<string> = new Set(["content-encoding", "content-type"]);

/** What header rules may not set, a credential may not either. */
function checkHeaderName(problems: Problems, text: string): string {
  const name = text.trim();
  const fault = OF_THE_BODY.has(foldedName(name.toLowerCase()))
    ? `${name} is the client's to say.`
    : headerNameFault(name, "request");
  if (fault !== null) problems.add("INVALID", at("header", "name"), fault);
  return name;
}

function checkTokenUrl(problems: Problems, text: string, allow: UpstreamAllowList): string {
  const field = at("oauth", "tokenUrl");
  const checked = checkSecretUrl(text.trim(), allow);
  if (!checked.ok) {
    problems.add(checked.error.code, field, checked.error.message);
    return text;
  }
  if (/[{}]/.test(checked.value)) problems.add("URL_INVALID", field, "A token URL has no placeholders.");
  return checked.value;
}

const ENVIRONMENT_REFERENCE = /^env:[A-Za-z_][A-Za-z0-9_]{0,199}$/;
/** An absolute path without dot segments. */
const FILE_REFERENCE = /^file:(?:\/(?!\.\.?(?:\/|$))[!-.0-~]+)+$/;

function checkReference(problems: Problems, field: FieldPath, reference: string): void {
  const isFit =
    reference.length <= credentialLimits.referenceCharsMax &&
    (ENVIRONMENT_REFERENCE.test(reference) || FILE_REFERENCE.test(reference));
  if (!isFit)
    problems.add(
      "INVALID",
      field,
      "A reference is env:NAME or file:/path, as in file:/run/secrets/orders: an absolute path without spaces and dot segments.",
    );
}

function checkSecret(
  problems: Problems,
  before: SecretSource | null,
  kind: CredentialKind,
  form: SecretForm | null,
): EnteredSecret | null {
  const value = form?.value ?? null;
  const reference = form?.reference?.trim() ?? null;
  if (value !== null && reference !== null) {
    problems.add(
      "INVALID",
      at("secret", "reference"),
      "Give the secret's value or a reference to it, not both.",
    );
    return null;
  }
  if (reference !== null) {
    checkReference(problems, at("secret", "reference"), reference);
    return { kind: "reference", reference };
  }
  if (value === null) {
    if (before === null)
      problems.add("REQUIRED", at("secret"), "A credential has a secret: its value or a reference.");
    return null;
  }
  const isPem = kind === "mutual-tls" || (kind === "oauth" && value.includes("-----BEGIN"));
  if (isPem) checkPrivateKey(problems, value);
  else checkSecretText(problems, kind, value);
  return { kind: "value", value: isPem ? `${value.trim()}\n` : value };
}

/** What goes into a header or a query as it is: a control character would be refused with each request. */
const SECRET = { rule: "A secret has visible ASCII characters", pattern: /^[!-~](?:[ -~]*[!-~])?$/ };
/** It is sent as Base64 of its UTF-8 (RFC 7617 §2, which allows no control characters). */
const PASSWORD = {
  rule: "A password has visible characters",
  pattern: /^(?!\s)[^\p{Cc}\p{Cs}]+(?<!\s)$/u,
};

function checkSecretText(problems: Problems, kind: CredentialKind, value: string): void {
  const field = at("secret", "value");
  const { rule, pattern } = kind === "basic" ? PASSWORD : SECRET;
  if (value === "") problems.add("REQUIRED", field, "The secret is empty.");
  else if (value.length > credentialLimits.secretCharsMax)
    problems.add("TOO_LONG", field, `A secret has at most ${credentialLimits.secretCharsMax} characters.`);
  else if (!pattern.test(value))
    problems.add("INVALID", field, `${rule}, with blanks only between them: no line break at its end.`);
}

function checkPrivateKey(problems: Problems, value: string): void {
  const field = at("secret", "value");
  if (value.length > credentialLimits.pemCharsMax) {
    problems.add("TOO_LONG", field, `A private key has at most ${credentialLimits.pemCharsMax} characters.`);
    return;
  }
  if (privateKeyIn(value) === null)
    problems.add(
      "INVALID",
      field,
      "This is no private key in PEM without a passphrase (-----BEGIN PRIVATE KEY-----).",
    );
}

/** `private_key_jwt` has a private key, the other two have none: a change between them needs another secret. */
function checkKeyChange(
  problems: Problems,
  before: Credential | null,
  scheme: Extract<CredentialScheme, { kind: "oauth" }>,
  secret: EnteredSecret | null,
): void {
  const usesKey = scheme.clientAuthentication === "private-key-jwt";
  if (secret?.kind === "value" && usesKey !== secret.value.includes("-----BEGIN"))
    problems.add(
      "INVALID",
      at("secret", "value"),
      usesKey
        ? "PRIVATE_KEY_JWT takes a private key in PEM (-----BEGIN PRIVATE KEY-----)."
        : "A client secret is a text, not a private key.",
    );
  if (secret !== null || before?.scheme.kind !== "oauth") return;
  if (usesKey !== (before.scheme.clientAuthentication === "private-key-jwt"))
    problems.add("REQUIRED", at("secret"), "This client authentication needs another secret.");
}
