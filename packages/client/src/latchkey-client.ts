/** Sends operations to a control plane over `fetch`. Keeps no state and repeats nothing. */
import { type GraphqlError, LatchkeyError } from "./latchkey-error.js";
import type { TypedDocument } from "./typed-document.js";

export interface LatchkeyClientOptions {
  /** The control plane's GraphQL endpoint: `http://127.0.0.1:4000/graphql`. */
  readonly url: string;
  /** The admin token. */
  readonly token: string;
  /** Instead of the global `fetch`. */
  readonly fetch?: typeof fetch;
}

export class LatchkeyClient {
  readonly #options: LatchkeyClientOptions;

  constructor(options: LatchkeyClientOptions) {
    this.#options = options;
  }

  /**
   * The operation's data.
   * @throws LatchkeyError when there is no response, or a response with errors or without data
   */
  async request<TResult, TVariables extends object>(
    document: TypedDocument<TResult, TVariables>,
    ...[variables]: Record<string, never> extends TVariables
      ? [variables?: TVariables]
      : [variables: TVariables]
  ): Promise<TResult> {
    const { url } = this.#options;
    const response = await this.#post(JSON.stringify({ query: document.text, variables: variables ?? {} }));
    const { status } = response;
    const body = (await response.json().catch(() => null)) as {
      readonly data?: TResult | null;
      readonly errors?: readonly GraphqlError[];
    } | null;
    const errors = body?.errors ?? [];
    if (errors.length > 0)
      throw new LatchkeyError(errors.map(({ message }) => message).join("; "), status, errors);
    if (body?.data === undefined || body.data === null)
      throw new LatchkeyError(`${url} responded with ${status} and no data`, status);
    return body.data;
  }

  async #post(body: string): Promise<Response> {
    const { url, token, fetch: send = fetch } = this.#options;
    try {
      return await send(url, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body,
      });
    } catch (error) {
      throw new LatchkeyError(`${url} did not respond`, null, [], { cause: error });
    }
  }
}
