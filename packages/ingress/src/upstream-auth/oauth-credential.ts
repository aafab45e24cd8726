/** A credential whose bearer token each node fetches from a token server. */
import { SharedHeaders } from "@latchkey/http1";
import type { CredentialResource } from "@latchkey/snapshot";
import { Credential, type CredentialVerdict } from "./credential.js";
import type { SecretValue } from "./secret-value.js";
import type { FetchedToken, TokenSource } from "./token-source.js";

/** @param secret of the client, as it is now */
export type AskForToken = (secret: string) => Promise<FetchedToken>;

export class OAuthCredential extends Credential {
  readonly #tokens: TokenSource;
  #bearerOf: string | null = null;
  #bearer: SharedHeaders | null = null;

  /** @param makeTokens gets what fetches a token with the present secret */
  constructor(
    resource: CredentialResource,
    secret: SecretValue,
    ask: AskForToken,
    makeTokens: (fetch: () => Promise<FetchedToken>) => TokenSource,
  ) {
    super(resource, secret);
    this.#tokens = makeTokens(async () => {
      const { text } = this.secret;
      if (text === null) throw new Error(this.secret.problem ?? "there is no secret");
      return ask(text);
    });
  }

  override settle(): CredentialVerdict {
    return super.settle() ?? this.#tokens.settle();
  }

  override headers(): SharedHeaders | null {
    const { text } = this.#tokens;
    if (text === null) return null;
    if (text !== this.#bearerOf) {
      this.#bearerOf = text;
      this.#bearer = new SharedHeaders(["Authorization", `Bearer ${text}`]);
    }
    return this.#bearer;
  }

  override get version(): number {
    return this.#tokens.version;
  }

  override renew(version: number): Promise<void> | null {
    return this.#tokens.renew(version);
  }
}
