/** A credential whose bearer token each node fetches from a token server: its primary does, and workers ask that. */
import { SharedHeaders } from "@latchkey/http1";
import type { CredentialResource } from "@latchkey/snapshot";
import { Credential, type CredentialVerdict } from "./credential.js";
import type { SecretValue } from "./secret-value.js";
import type { FetchedToken, TokenSource } from "./token-source.js";

/** @param secret of the client, as it is now */
export type AskForToken = (secret: string) => Promise<FetchedToken>;

/** A worker's way to the tokens of its node. Bounded in time. @param refused as of `TokenSourceParts.fetch` */
export type AskPrimary = (credentialId: string, refused: string | null) => Promise<FetchedToken>;

export class OAuthCredential extends Credential {
  readonly #tokens: TokenSource;
  #bearerOf: string | null = null;
  #bearer: SharedHeaders | null = null;

  /**
   * @param askPrimary of a worker; null: this process asks the token server
   * @param makeTokens gets what fetches a token
   */
  constructor(
    resource: CredentialResource,
    secret: SecretValue,
    ask: AskForToken,
    askPrimary: AskPrimary | null,
    makeTokens: (fetch: (refused: string | null) => Promise<FetchedToken>) => TokenSource,
  ) {
    super(resource, secret);
    this.#tokens = makeTokens(async (refused) => {
      if (askPrimary !== null) return askPrimary(resource.id, refused);
      const { text } = this.secret;
      if (text === null) throw new Error(this.secret.problem ?? "there is no secret");
      return ask(text);
    });
  }

  /** For a worker of this node. @returns null: there is no token */
  async give(refused: string | null): Promise<FetchedToken | null> {
    await this.secret.settle();
    return this.#tokens.give(refused);
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
