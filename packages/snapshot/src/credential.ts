/** A credential as nodes know it: how integrations log in to their targets, and where its one secret comes from. */

/** How the target, or its token server, learns who asks. */
export type CredentialScheme =
  | { readonly kind: "header"; readonly name: string }
  | { readonly kind: "query"; readonly name: string }
  | { readonly kind: "basic"; readonly userName: string }
  | ({ readonly kind: "oauth" } & OAuthSettings)
  | ({ readonly kind: "mutual-tls" } & MutualTlsSettings)
  | ({ readonly kind: "aws" } & AwsSettings);

export type CredentialKind = CredentialScheme["kind"];

export type ClientAuthentication = "client-secret-basic" | "client-secret-post" | "private-key-jwt";

export interface OAuthSettings {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientAuthentication: ClientAuthentication;
  /** Empty: not sent. */
  readonly scope: string;
  readonly audience: string;
  readonly resource: string;
  /** `kid` of the assertion of `private-key-jwt`; empty: none. */
  readonly keyId: string;
}

export interface MutualTlsSettings {
  /** PEM; empty: the secret has it beside the private key. */
  readonly certificate: string;
  /** PEM; empty: the authorities that the node trusts. */
  readonly ca: string;
  /** Empty: the target's host. */
  readonly serverName: string;
}

export interface AwsSettings {
  readonly region: string;
  readonly service: string;
  readonly accessKeyId: string;
}

export type SecretSource =
  /** Under the installation's data key, bound to the credential: see `secretOwner`. */
  | { readonly kind: "encrypted"; readonly ciphertext: Uint8Array }
  /** `env:NAME` or `file:/path`, resolved on the node. */
  | { readonly kind: "reference"; readonly reference: string };

export interface CredentialResource {
  readonly kind: "credential";
  readonly id: string;
  readonly subscriptionId: string;
  readonly name: string;
  readonly scheme: CredentialScheme;
  readonly secret: SecretSource;
}

/** What the ciphertext of a credential's secret is bound to: moved to another credential it cannot be decrypted. */
export function secretOwner(credentialId: string): string {
  return `credential/${credentialId}/secret`;
}
