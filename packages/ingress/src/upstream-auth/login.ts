/** The credentials of an integration together: all of them go with each request, or the request does not go. */
import { EMPTY_BODY_DIGEST } from "@latchkey/core";
import { SharedHeaders, type UpstreamRequest } from "@latchkey/http1";
import type { CredentialRef } from "../table/credential-ref.js";
import { AwsCredential } from "./aws-credential.js";
import type { ClientIdentity } from "./client-identity.js";
import { type Credential, type CredentialVerdict, hasName, NO_HEADERS } from "./credential.js";

const AUTHORIZATION = "authorization";

export class Login {
  readonly #refs: CredentialRef[] = [];

  add(ref: CredentialRef): void {
    this.#refs.push(ref);
  }

  /** Asked before the request is forwarded, and again when its promise has resolved. */
  settle(): CredentialVerdict {
    for (const { current } of this.#refs) {
      const verdict = current === null ? "credential.unavailable" : (current as Credential).settle();
      if (verdict !== null) return verdict;
    }
    return null;
  }

  /** What connections to the target are made with; null: no certificate. */
  get identity(): ClientIdentity | null {
    for (const { current } of this.#refs) {
      const identity = (current as Credential | null)?.identity ?? null;
      if (identity !== null) return identity;
    }
    return null;
  }

  /** Whether a request may only go over TLS: the control plane sees to it, and the node does not rely on it. */
  get needsTls(): boolean {
    for (const { current } of this.#refs) if ((current as Credential | null)?.needsTls === true) return true;
    return false;
  }

  /** The credential that signs requests; null: none does. */
  get signer(): AwsCredential | null {
    for (const { current } of this.#refs) if (current instanceof AwsCredential) return current;
    return null;
  }

  /** Grows with each token that a credential gets. */
  get version(): number {
    let version = 0;
    for (const { current } of this.#refs) version += (current as Credential | null)?.version ?? 0;
    return version;
  }

  /** Whether a credential has a token, which the target may refuse before its end. */
  get hasTokens(): boolean {
    return this.#refs.some(({ current }) => (current as Credential | null)?.hasTokens === true);
  }

  /** As `Credential.renew`, of the one that has tokens: two of them would set the same header. */
  renew(version: number): Promise<void> | null {
    for (const { current } of this.#refs) {
      const renewal = (current as Credential | null)?.renew(version) ?? null;
      if (renewal !== null) return renewal;
    }
    return null;
  }

  /**
   * A request of the gateway's own, without a body, as it goes to the target.
   * @returns null: a credential cannot be used now
   */
  applyTo(
    request: UpstreamRequest,
    url: { readonly isTls: boolean; readonly hostHeader: string },
  ): UpstreamRequest | null {
    const sharedHeaders: SharedHeaders[] = [];
    if ((this.needsTls && !url.isTls) || !this.pushHeaders(sharedHeaders)) return null;
    const [path = "", ...rest] = request.path.split("?");
    const query = this.query(rest.join("?"));
    const complete = { ...request, path: query === "" ? path : `${path}?${query}`, sharedHeaders };
    this.signer?.sign(complete, url.hostHeader, EMPTY_BODY_DIGEST);
    return complete;
  }

  /** Adds the credentials' headers; false: a secret is no longer there. */
  pushHeaders(shared: SharedHeaders[]): boolean {
    for (const { current } of this.#refs) {
      const headers = (current as Credential | null)?.headers() ?? null;
      if (headers === null) return false;
      if (headers !== NO_HEADERS) shared.push(headers);
    }
    return true;
  }

  /** The query that goes on, with the credentials' parameters in place of the client's. */
  query(rest: string): string {
    let query = rest;
    for (const { current } of this.#refs) query = (current as Credential | null)?.query(query) ?? query;
    return query;
  }

  /** The headers that go on: neither an Authorization nor a header that a credential sets, however it is spelled. */
  passed(passed: SharedHeaders): SharedHeaders {
    const { list } = passed;
    return this.#replacesAny(list) ? new SharedHeaders(this.#kept(list)) : passed;
  }

  #kept(list: readonly string[]): string[] {
    const kept: string[] = [];
    for (let i = 0; i < list.length; i += 2) {
      const line = [list[i] as string, list[i + 1] as string];
      if (!this.#replacesAny(line)) kept.push(...line);
    }
    return kept;
  }

  #replacesAny(list: readonly string[]): boolean {
    if (hasName(list, AUTHORIZATION)) return true;
    for (const { current } of this.#refs)
      if ((current as Credential | null)?.replacesAny(list) === true) return true;
    return false;
  }
}
