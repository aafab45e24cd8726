/** Makes credentials with this node's keys, environment and files. */
import { isDeepStrictEqual } from "node:util";
import type { Clock } from "@latchkey/core";
import type { Logger } from "@latchkey/observe";
import {
  type CredentialResource,
  type OAuthSettings,
  type SecretSource,
  secretOwner,
} from "@latchkey/snapshot";
import type { IngressConfig } from "../config.js";
import { LogThrottle } from "../forward/log-throttle.js";
import type { UpstreamPools } from "../forward/upstream-pools.js";
import { AwsCredential } from "./aws-credential.js";
import { Credential } from "./credential.js";
import { MutualTlsCredential } from "./mutual-tls-credential.js";
import type { NodeKeys } from "./node-keys.js";
import { type AskPrimary, OAuthCredential } from "./oauth-credential.js";
import { OwnFiles } from "./own-files.js";
import {
  EncryptedSecret,
  EnvironmentSecret,
  FileSecret,
  SecretFiles,
  type SecretValue,
} from "./secret-value.js";
import { TokenRequest } from "./token-request.js";
import { TokenSource } from "./token-source.js";

export interface CredentialsParts {
  readonly config: IngressConfig;
  readonly keys: NodeKeys;
  readonly clock: Clock;
  /** Over which token servers are asked. */
  readonly pools: UpstreamPools;
  readonly log: Logger;
  readonly tokens: { fetched: number; failed: number };
  /** Of a worker: where it gets tokens; null: from token servers. */
  readonly askPrimary: AskPrimary | null;
}

const REASON_CHARS_MAX = 200;
/** RFC 6749 sections 4.1.2.1 and 5.2, RFC 8707 section 2. */
const TOKEN_ERRORS: ReadonlySet<string> = new Set([
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "unauthorized_client",
  "unsupported_grant_type",
  "invalid_scope",
  "invalid_target",
  "access_denied",
  "server_error",
  "temporarily_unavailable",
]);
const ENVIRONMENT = "env:";
const FILE = "file:";

export class Credentials {
  readonly #parts: CredentialsParts;
  readonly #files: SecretFiles;
  readonly #throttle: LogThrottle;

  constructor(parts: CredentialsParts) {
    this.#parts = parts;
    this.#throttle = new LogThrottle(parts.clock);
    const { config, clock } = parts;
    this.#files = new SecretFiles(config.credentials.filesIn, clock, new OwnFiles(config, process.env));
  }

  /** @param previous goes on when it sends the same, with what it has fetched */
  create(resource: CredentialResource, previous: Credential | null): Credential {
    if (previous !== null && this.#sendsTheSame(previous, resource)) return previous;
    const secret = this.#secretOf(resource.id, resource.secret);
    const { scheme } = resource;
    switch (scheme.kind) {
      case "oauth":
        return this.#withTokens(resource, scheme, secret);
      case "mutual-tls":
        return new MutualTlsCredential(resource, scheme, secret);
      case "aws":
        return new AwsCredential(resource, scheme, secret, this.#parts.clock, (skewSeconds) =>
          this.#clockDiffers(resource.id, skewSeconds),
        );
      default:
        return new Credential(resource, secret);
    }
  }

  /** Also under another name, and with its secret under another data key: the removal of a node encrypts all secrets anew. */
  #sendsTheSame(previous: Credential, resource: CredentialResource): boolean {
    const { name, secret } = previous.resource;
    if (!isDeepStrictEqual(previous.resource, { ...resource, name, secret })) return false;
    if (isDeepStrictEqual(secret, resource.secret)) return true;
    if (secret.kind !== "encrypted" || resource.secret.kind !== "encrypted") return false;
    return previous.hasSecret(this.#secretOf(resource.id, resource.secret).text);
  }

  #withTokens(resource: CredentialResource, settings: OAuthSettings, secret: SecretValue): OAuthCredential {
    const { pools, config, clock, askPrimary } = this.#parts;
    const { upstreams } = config;
    const { subscriptionId } = resource;
    const timeouts = {
      connectTimeoutMs: upstreams.connectTimeoutMs,
      headTimeoutMs: upstreams.firstByteTimeoutMs,
      bodyIdleTimeoutMs: upstreams.bodyIdleTimeoutMs,
      eventStreamIdleTimeoutMs: upstreams.eventStreamIdleTimeoutMs,
    };
    const request = new TokenRequest({ settings, subscriptionId, pools, timeouts });
    const { tokens } = this.#parts;
    const onFailure = (error: unknown): void => {
      if (askPrimary !== null) return; // the primary counts and logs it
      tokens.failed++;
      this.#noToken(resource.id, settings.tokenUrl, error);
    };
    return new OAuthCredential(
      resource,
      secret,
      async (text) => {
        const token = await request.send(text);
        tokens.fetched++;
        return token;
      },
      askPrimary,
      (fetch) => new TokenSource({ fetch, clock, onFailure }),
    );
  }

  /** Of what a token server says only a registered code is logged: anything else may repeat the request, with its secret. */
  #noToken(credentialId: string, tokenUrl: string, error: unknown): void {
    const {
      message,
      code,
      error: tokenError,
    } = error as {
      readonly message?: unknown;
      readonly code?: unknown;
      readonly error?: unknown;
    };
    const notLogged = this.#throttle.pass(credentialId);
    if (notLogged === null) return;
    this.#parts.log.warn(
      {
        credentialId,
        host: new URL(tokenUrl).host,
        reason: String(message).slice(0, REASON_CHARS_MAX),
        ...(typeof code === "string" && { code }),
        ...(typeof tokenError === "string" && TOKEN_ERRORS.has(tokenError) && { tokenError }),
        ...(notLogged > 0 && { notLogged }),
      },
      "a token server gives no token",
    );
  }

  /** @param skewSeconds that this node is ahead */
  #clockDiffers(credentialId: string, skewSeconds: number): void {
    const notLogged = this.#throttle.pass(credentialId);
    if (notLogged === null) return;
    this.#parts.log.warn(
      { credentialId, skewSeconds, ...(notLogged > 0 && { notLogged }) },
      "a target refuses a signature, and its clock differs from this node's: signatures hold for five minutes",
    );
  }

  #secretOf(id: string, source: SecretSource): SecretValue {
    const { config, keys } = this.#parts;
    if (source.kind === "encrypted") return new EncryptedSecret(source.ciphertext, secretOwner(id), keys);
    const { reference } = source;
    if (reference.startsWith(ENVIRONMENT))
      return new EnvironmentSecret(
        reference.slice(ENVIRONMENT.length),
        config.credentials.envPrefix,
        process.env,
      );
    if (reference.startsWith(FILE)) return new FileSecret(reference.slice(FILE.length), this.#files);
    return {
      settle: () => null,
      text: null,
      problem: "its secret is referenced in a way that this node does not know",
    };
  }
}
