/** A credential that signs each request (AWS Signature Version 4). */
import { AwsSigner, type Clock, UNSIGNED_PAYLOAD } from "@latchkey/core";
import { SharedHeaders, type UpstreamRequest } from "@latchkey/http1";
import type { AwsSettings, CredentialResource } from "@latchkey/snapshot";
import { headerValue } from "../forward/header-value.js";
import { Credential, hasName, NO_HEADERS } from "./credential.js";
import type { SecretValue } from "./secret-value.js";

/** Of the signature: the client's own do not go on. */
const SIGNATURE_HEADERS = ["x-amz-date", "x-amz-content-sha256", "x-amz-security-token"] as const;

/** AWS refuses signatures that are five minutes off; what is less may be the way there. */
const SKEW_SECONDS = 240;

/** A request that a signature can still be added to: its lists are its own. */
export interface SignableRequest extends UpstreamRequest {
  path: string;
  readonly sharedHeaders: SharedHeaders[];
}

export class AwsCredential extends Credential {
  readonly #settings: AwsSettings;
  readonly #clock: Clock;
  readonly #onSkew: (seconds: number) => void;
  #signerOf: string | null = null;
  #signer: AwsSigner | null = null;

  /** @param onSkew called when a target refuses a signature and its clock differs: by so much this node is ahead */
  constructor(
    resource: CredentialResource,
    settings: AwsSettings,
    secret: SecretValue,
    clock: Clock,
    onSkew: (seconds: number) => void,
  ) {
    super(resource, secret);
    this.#settings = settings;
    this.#clock = clock;
    this.#onSkew = onSkew;
  }

  override replacesAny(list: readonly string[]): boolean {
    for (const name of SIGNATURE_HEADERS) if (hasName(list, name)) return true;
    return false;
  }

  override headers(): SharedHeaders | null {
    return this.secret.text === null ? null : NO_HEADERS;
  }

  /** S3 does without, over TLS. */
  signsBody(isTls: boolean): boolean {
    return !(isTls && this.#settings.service === "s3");
  }

  /** Signs a request as it is otherwise complete. @param bodyDigest null: S3 takes the body unsigned */
  sign(request: SignableRequest, host: string, bodyDigest: string | null): void {
    const { text } = this.secret;
    if (text !== this.#signerOf) {
      this.#signerOf = text;
      this.#signer = text === null ? null : new AwsSigner(this.#settings, text);
    }
    const signer = this.#signer;
    if (signer === null) return;
    const { method, sharedHeaders } = request;
    request.path = withoutPlus(request.path);
    const headers: (readonly string[])[] = [];
    for (const { list } of sharedHeaders) headers.push(list);
    headers.push(request.headers); // as they go over the wire
    const unsigned = { method, path: request.path, host, headers };
    const added = signer.sign(unsigned, bodyDigest ?? UNSIGNED_PAYLOAD, this.#clock.now());
    sharedHeaders.push(new SharedHeaders(added));
  }

  /** The target refuses a request. @param headers flat, of its response */
  refused(headers: readonly string[]): void {
    const targetMs = Date.parse(headerValue(headers, "date") ?? "");
    const seconds = Math.round((this.#clock.now() - targetMs) / 1000);
    if (Math.abs(seconds) > SKEW_SECONDS) this.#onSkew(seconds);
  }
}

/** A plus in a query is a blank to some services and a plus to others: what is signed must be one thing. */
function withoutPlus(path: string): string {
  const mark = path.indexOf("?");
  return mark < 0 ? path : path.slice(0, mark) + path.slice(mark).replaceAll("+", "%20");
}
