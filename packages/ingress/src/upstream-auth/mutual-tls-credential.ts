/**
 * A client certificate. It is shown when a connection is made, not with a request: connections are kept apart by it
 * (forward/upstream-pools.ts), so a changed one is shown by new connections at once, and those with the old one drain.
 */
import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import type { SharedHeaders } from "@latchkey/http1";
import type { CredentialResource, MutualTlsSettings } from "@latchkey/snapshot";
import type { ClientIdentity } from "./client-identity.js";
import { Credential, NO_HEADERS } from "./credential.js";
import type { SecretValue } from "./secret-value.js";

export class MutualTlsCredential extends Credential {
  readonly #settings: MutualTlsSettings;
  #identityOf: string | null = null;
  #identity: ClientIdentity | null = null;
  #fault: string | null = null;

  constructor(resource: CredentialResource, settings: MutualTlsSettings, secret: SecretValue) {
    super(resource, secret);
    this.#settings = settings;
  }

  override get problem(): string | null {
    const { problem } = this.secret;
    if (problem !== null || this.secret.text === null) return problem;
    return this.identity === null ? this.#fault : null;
  }

  override get identity(): ClientIdentity | null {
    const { text } = this.secret;
    if (text === null) return null;
    if (text !== this.#identityOf) {
      this.#identityOf = text;
      this.#read(text);
    }
    return this.#identity;
  }

  override headers(): SharedHeaders | null {
    return this.identity === null ? null : NO_HEADERS;
  }

  #read(secret: string): void {
    const { certificate, ca, serverName } = this.#settings;
    const cert = certificate === "" ? secret : certificate;
    this.#fault = pairFault(cert, secret);
    this.#identity =
      this.#fault === null
        ? {
            digest: createHash("sha256")
              .update(JSON.stringify([cert, secret, ca, serverName]))
              .digest("base64"),
            tls: {
              cert,
              key: secret,
              ...(ca !== "" && { ca }),
              ...(serverName !== "" && { servername: serverName }),
            },
          }
        : null;
  }
}

/** Null: they belong together. The causes are ours: those of OpenSSL name neither. */
function pairFault(cert: string, key: string): string | null {
  try {
    const certificate = new X509Certificate(cert);
    return certificate.checkPrivateKey(createPrivateKey(key))
      ? null
      : "its private key is not the key of its certificate";
  } catch {
    return "its certificate or its private key cannot be read";
  }
}
