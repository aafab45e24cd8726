/**
 * Asks a token server for a token (RFC 6749, section 4.4) with `oauth4webapi`, over the pools of integrations: the same
 * addresses are allowed, the same name servers asked, the same authorities trusted.
 */
import { createPrivateKey, webcrypto } from "node:crypto";
import type { OutgoingRequest, UpstreamError, UpstreamHandler } from "@latchkey/http1";
import type { OAuthSettings } from "@latchkey/snapshot";
import { parseTargetUrl } from "../forward/target.js";
import type { OriginSettings, UpstreamPools } from "../forward/upstream-pools.js";
import type { FetchedToken } from "./token-source.js";

export type OriginTimeouts = Pick<
  OriginSettings,
  "connectTimeoutMs" | "headTimeoutMs" | "bodyIdleTimeoutMs" | "eventStreamIdleTimeoutMs"
>;

export interface TokenRequestParts {
  readonly settings: OAuthSettings;
  readonly subscriptionId: string;
  readonly pools: UpstreamPools;
  readonly timeouts: OriginTimeouts;
}

/** For the whole request: other requests wait for it. */
const TIMEOUT_MS = 10_000;
const RESPONSE_BYTES_MAX = 65_536;

export class TokenRequest {
  readonly #parts: TokenRequestParts;

  constructor(parts: TokenRequestParts) {
    this.#parts = parts;
  }

  /** @throws Error whose message quotes neither secret nor response */
  async send(secret: string): Promise<FetchedToken> {
    const oauth = await import("oauth4webapi");
    const { settings } = this.#parts;
    const server = { issuer: new URL(settings.tokenUrl).origin, token_endpoint: settings.tokenUrl };
    const client = { client_id: settings.clientId };
    const parameters = new URLSearchParams();
    for (const name of ["scope", "audience", "resource"] as const)
      if (settings[name] !== "") parameters.set(name, settings[name]);
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      await this.#authentication(oauth, secret),
      parameters,
      {
        [oauth.customFetch]: (url, { method, headers, body }) =>
          this.#post(url, method, headers, String(body ?? "")),
        // Whether plain HTTP is fit is for who enters the URL to know, as with an integration's.
        [oauth.allowInsecureRequests]: true,
      },
    );
    const token = await oauth.processClientCredentialsResponse(server, client, response);
    if (!/^[!-~]+$/.test(token.access_token)) throw new Error("the token cannot stand in a header");
    return {
      accessToken: token.access_token,
      lifeMs: token.expires_in === undefined ? null : token.expires_in * 1000,
    };
  }

  async #authentication(oauth: typeof import("oauth4webapi"), secret: string) {
    const { clientAuthentication, keyId, tokenUrl } = this.#parts.settings;
    switch (clientAuthentication) {
      case "client-secret-basic":
        return oauth.ClientSecretBasic(secret);
      case "client-secret-post":
        return oauth.ClientSecretPost(secret);
      case "private-key-jwt": {
        const key = await signingKey(secret);
        return oauth.PrivateKeyJwt(keyId === "" ? key : { key, kid: keyId }, {
          // RFC 7523 section 3: the token endpoint's URL is what servers agree on.
          [oauth.modifyAssertion]: (_header, payload) => {
            payload.aud = tokenUrl;
          },
        });
      }
    }
  }

  #post(url: string, method: string, headers: Record<string, string>, body: string): Promise<Response> {
    const { pools, subscriptionId, timeouts } = this.#parts;
    const parsed = parseTargetUrl(url);
    if (!parsed.ok) return Promise.reject(new Error(parsed.error));
    const { host, port, isTls, hostHeader, path } = parsed.value;
    const lease = pools.lease({ subscriptionId, host, port, isTls, hostHeader, ...timeouts });
    const bytes = Buffer.from(body);
    const lines = Object.entries(headers).flat();
    return new Promise<Response>((resolve, reject) => {
      const exchange = new TokenExchange(resolve, reject);
      exchange.follow(
        lease.client.dispatch({ method, path, headers: lines, contentLength: bytes.length }, exchange),
        bytes,
      );
    }).finally(() => lease.release());
  }
}

/** One request to a token server, as a promise. */
class TokenExchange implements UpstreamHandler {
  readonly #resolve: (response: Response) => void;
  readonly #reject: (error: Error) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  #request: OutgoingRequest | null = null;
  #bytes = 0;
  #status = 0;
  #headers: readonly string[] = [];

  constructor(resolve: (response: Response) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timer = setTimeout(() => this.#fail(new Error(`no response within ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
  }

  follow(request: OutgoingRequest, body: Buffer): void {
    this.#request = request;
    request.write(body);
    request.end();
  }

  onResponseStart(status: number, _statusText: string, headers: readonly string[]): void {
    this.#status = status;
    this.#headers = [...headers];
  }

  onResponseData(chunk: Uint8Array): boolean {
    this.#bytes += chunk.length;
    if (this.#bytes > RESPONSE_BYTES_MAX)
      this.#fail(new Error(`the response has more than ${RESPONSE_BYTES_MAX} bytes`));
    else this.#chunks.push(Buffer.from(chunk));
    return true;
  }

  onResponseEnd(): void {
    clearTimeout(this.#timer);
    const headers = new Headers();
    for (let i = 0; i < this.#headers.length; i += 2)
      headers.append(this.#headers[i] as string, this.#headers[i + 1] as string);
    try {
      this.#resolve(new Response(Buffer.concat(this.#chunks), { status: this.#status, headers }));
    } catch {
      this.#reject(new Error(`the token server responds with ${this.#status}`));
    }
  }

  onError(error: UpstreamError): void {
    clearTimeout(this.#timer);
    this.#reject(error);
  }

  onDrain(): void {}

  #fail(error: Error): void {
    clearTimeout(this.#timer);
    this.#request?.abort();
    this.#reject(error);
  }
}

/** @throws Error when it is no private key, or of a kind that signs no assertion */
async function signingKey(pem: string): Promise<webcrypto.CryptoKey> {
  const key = createPrivateKey(pem);
  const der = key.export({ format: "der", type: "pkcs8" });
  const { subtle } = webcrypto;
  switch (key.asymmetricKeyType) {
    case "rsa":
      return subtle.importKey("pkcs8", der, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, false, ["sign"]);
    case "ec":
      return subtle.importKey("pkcs8", der, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
    case "ed25519":
      return subtle.importKey("pkcs8", der, { name: "Ed25519" }, false, ["sign"]);
    default:
      throw new Error("the private key is neither RSA nor EC (P-256) nor Ed25519");
  }
}
