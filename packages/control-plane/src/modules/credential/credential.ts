/** A Credential: what integrations log in to their targets with. Its secret goes in and never comes out again. Types only. */
import type { CredentialId, SubscriptionId } from "@latchkey/core";
import type { CredentialKind, CredentialScheme, SecretSource } from "@latchkey/snapshot";

/** Of each kind, what is not secret. */
export type SchemeOf<K extends CredentialKind> = Extract<CredentialScheme, { readonly kind: K }>;
export type SettingsOf<K extends CredentialKind> = Omit<SchemeOf<K>, "kind">;

export interface Credential {
  readonly id: CredentialId;
  readonly subscriptionId: SubscriptionId;
  readonly name: string;
  readonly scheme: CredentialScheme;
  readonly secret: SecretSource;
  /** When the secret, or the reference to it, was last set. */
  readonly secretSetAtMs: number;
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export const credentialLimits = {
  nameCharsMax: 200,
  /** Of a header name, a user name, a client id, a scope … */
  textCharsMax: 2_000,
  /** Of a secret that is no private key: with other headers it must fit into a head. */
  secretCharsMax: 8_192,
  /** Of certificates and private keys. */
  pemCharsMax: 65_536,
  referenceCharsMax: 1_024,
} as const;
