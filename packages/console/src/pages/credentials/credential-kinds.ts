/** The kinds of credentials in words. */
import type { CredentialFieldsFragment } from "../../gen/credentials.js";

export type CredentialKind = CredentialFieldsFragment["kind"];

export const kindLabels: Readonly<Record<CredentialKind, string>> = {
  HEADER: "Header",
  QUERY: "Query parameter",
  BASIC: "User name and password",
  OAUTH_CLIENT_CREDENTIALS: "OAuth 2.0 client credentials",
  MUTUAL_TLS: "Client certificate (mutual TLS)",
  AWS_SIGV4: "AWS Signature Version 4",
};

export const credentialKinds = Object.keys(kindLabels) as readonly CredentialKind[];

export const kindChoices = credentialKinds.map((value) => ({ value, label: kindLabels[value] }));
