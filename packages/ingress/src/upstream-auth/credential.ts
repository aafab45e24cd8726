/**
 * HOT (settle, headers, query). A credential as the forwarder uses it: what goes to the target beside the client's headers.
 * What is static is made once for each secret.
 */
import { foldedName, type IngressErrorCode } from "@latchkey/core";
import { SharedHeaders } from "@latchkey/http1";
import type { CredentialResource } from "@latchkey/snapshot";
import type { CredentialHandle } from "../table/credential-ref.js";
import type { ClientIdentity } from "./client-identity.js";
import type { SecretValue } from "./secret-value.js";

/** Not usable now, or only once the promise has resolved; null: usable. */
export type CredentialVerdict = IngressErrorCode | Promise<void> | null;

const NO_HEADERS = new SharedHeaders([]);
/** A header value that the upstream client sends. */
const SENDABLE = /^[\t -~\u0080-\u00ff]*$/;

export class Credential implements CredentialHandle {
  readonly resource: CredentialResource;
  protected readonly secret: SecretValue;
  /** As upstreams that fold names compare it. */
  readonly #header: string | null;
  #headersOf: string | null = null;
  #headers: SharedHeaders = NO_HEADERS;

  constructor(resource: CredentialResource, secret: SecretValue) {
    this.resource = resource;
    this.secret = secret;
    this.#header = resource.scheme.kind === "header" ? foldedName(resource.scheme.name.toLowerCase()) : null;
  }

  get problem(): string | null {
    const { text, problem } = this.secret;
    if (problem !== null) return problem;
    return text !== null && this.isInHead && !SENDABLE.test(text)
      ? "its secret has a character that no header can hold"
      : null;
  }

  /** The secret is sent as it is, in a header or a query. */
  protected get isInHead(): boolean {
    return this.resource.scheme.kind === "header" || this.resource.scheme.kind === "query";
  }

  /** Whether a request can go on with it. Asked before the request is forwarded. */
  settle(): CredentialVerdict {
    const settled = this.secret.settle();
    if (settled !== null) return settled;
    return this.secret.text === null || this.problem !== null ? "credential.unavailable" : null;
  }

  /** A header of the client that does not go on. @param folded its name. Authorization never does */
  replaces(folded: string): boolean {
    return this.#header === folded;
  }

  /** HOT. What connections are made with; null: nothing of this credential. */
  get identity(): ClientIdentity | null {
    return null;
  }

  /** Sent with each request; null: there is no usable secret any more. */
  headers(): SharedHeaders | null {
    const { text } = this.secret;
    if (text === null) return null;
    if (text !== this.#headersOf) {
      this.#headers = new SharedHeaders(this.headerList(text));
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

  /** The client's query with the credential's parameter in place of the client's own. */
  query(rest: string): string {
    const { scheme } = this.resource;
    if (scheme.kind !== "query") return rest;
    const own = `${encodeURIComponent(scheme.name)}=${encodeURIComponent(this.secret.text ?? "")}`;
    const kept = rest.split("&").filter((pair) => pair !== "" && nameOf(pair) !== scheme.name);
    return [...kept, own].join("&");
  }
}

function nameOf(pair: string): string {
  const end = pair.indexOf("=");
  const name = (end < 0 ? pair : pair.slice(0, end)).replaceAll("+", " ");
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
