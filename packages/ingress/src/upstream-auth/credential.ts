/**
 * A credential as the forwarder uses it: what goes to the target beside the client's headers.
 * What is static is made once for each secret.
 */
import { foldedName, type IngressErrorCode } from "@latchkey/core";
import { SharedHeaders } from "@latchkey/http1";
import type { CredentialResource } from "@latchkey/snapshot";
import { withoutParameters } from "../forward/query-parameters.js";
import type { CredentialHandle } from "../table/credential-ref.js";
import type { ClientIdentity } from "./client-identity.js";
import type { SecretValue } from "./secret-value.js";

/** Not usable now, or only once the promise has resolved; null: usable. */
export type CredentialVerdict = IngressErrorCode | Promise<void> | null;

export const NO_HEADERS = new SharedHeaders([]);
/** A header value that the upstream client sends. */
const SENDABLE = /^[\t -~\u0080-\u00ff]*$/;

export class Credential implements CredentialHandle {
  /** As it was when this was made: a later one may have another name, or the secret under another data key. */
  readonly resource: CredentialResource;
  /** Requests with it may only go over TLS. */
  readonly needsTls: boolean;
  /** It has tokens, which the target may refuse before their end. */
  readonly hasTokens: boolean;
  protected readonly secret: SecretValue;
  /** As upstreams that fold names compare it. */
  readonly #header: string | null;
  /** The secret that `problem` has nothing against. */
  #usable: string | null = null;
  #headersOf: string | null = null;
  #headers: SharedHeaders = NO_HEADERS;
  /** The client's parameters that are dropped for the credential's own. */
  readonly #queryNames: ReadonlySet<string>;
  #pairOf: string | null = null;
  #pair = "";

  constructor(resource: CredentialResource, secret: SecretValue) {
    this.resource = resource;
    this.secret = secret;
    this.needsTls = resource.scheme.kind === "mutual-tls";
    this.hasTokens = resource.scheme.kind === "oauth";
    this.#queryNames = new Set(resource.scheme.kind === "query" ? [resource.scheme.name.toLowerCase()] : []);
    this.#header = resource.scheme.kind === "header" ? foldedName(resource.scheme.name.toLowerCase()) : null;
  }

  get problem(): string | null {
    const { text, problem } = this.secret;
    if (problem !== null) return problem;
    return text !== null && this.isInHead && !SENDABLE.test(text)
      ? "its secret has a character that no header can hold"
      : null;
  }

  look(): void {
    void this.secret.settle();
  }

  /** Whether it is the present secret. @param text null: not known */
  hasSecret(text: string | null): boolean {
    return text !== null && text === this.secret.text;
  }

  /** The secret is sent as it is, in a header or a query. */
  protected get isInHead(): boolean {
    return this.resource.scheme.kind === "header" || this.resource.scheme.kind === "query";
  }

  /** Whether a request can go on with it. Asked before the request is forwarded. */
  settle(): CredentialVerdict {
    const settled = this.secret.settle();
    if (settled !== null) return settled;
    const { text } = this.secret;
    if (text !== null && text === this.#usable) return null;
    if (text === null || this.problem !== null) return "credential.unavailable";
    this.#usable = text;
    return null;
  }

  /** Whether a header of the client does not go on, however it is spelled. Authorization never does. @param list flat */
  replacesAny(list: readonly string[]): boolean {
    return this.#header !== null && hasName(list, this.#header);
  }

  /** What connections are made with; null: nothing of this credential. */
  get identity(): ClientIdentity | null {
    return null;
  }

  /** Sent with each request; null: there is no usable secret any more. */
  headers(): SharedHeaders | null {
    const { text } = this.secret;
    if (text === null) return null;
    if (text !== this.#headersOf) {
      const list = this.headerList(text);
      this.#headers = list.length === 0 ? NO_HEADERS : new SharedHeaders(list);
      this.#headersOf = text;
    }
    return this.#headers;
  }

  /** Grows with each token; a credential without tokens stays at 0. */
  get version(): number {
    return 0;
  }

  /**
   * The target has refused what was sent. @param version at the time of the request
   * @returns resolves when another attempt may be worth it; null: it is not
   */
  renew(_version: number): Promise<void> | null {
    return null;
  }

  protected headerList(secret: string): readonly string[] {
    const { scheme } = this.resource;
    switch (scheme.kind) {
      case "header":
        return [scheme.name, secret];
      case "basic":
        return ["Authorization", `Basic ${Buffer.from(`${scheme.userName}:${secret}`).toString("base64")}`];
      default:
        return [];
    }
  }

  /**
   * The client's query with the credential's parameter in place of the client's own. Some targets (ASP.NET) compare names without
   * regard to case, and take the first.
   */
  query(rest: string): string {
    const { scheme } = this.resource;
    if (scheme.kind !== "query") return rest;
    const { text } = this.secret;
    if (text !== this.#pairOf) {
      this.#pair = `${encodeURIComponent(scheme.name)}=${encodeURIComponent(text ?? "")}`;
      this.#pairOf = text;
    }
    const kept = rest === "" ? "" : withoutParameters(rest, this.#queryNames);
    return kept === "" ? this.#pair : `${kept}&${this.#pair}`;
  }
}

/**
 * Whether a flat list has a header of that name, as CGI-like upstreams compare names. Most differ in length, which costs
 * nothing to see.
 */
export function hasName(list: readonly string[], folded: string): boolean {
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i] as string;
    if (name.length === folded.length && foldedName(name.toLowerCase()) === folded) return true;
  }
  return false;
}
