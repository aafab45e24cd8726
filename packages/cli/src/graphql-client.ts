/** A minimal GraphQL client over fetch for the commands that speak to a control plane. */

export class GraphqlRequestError extends Error {
  override readonly name = "GraphqlRequestError";
}

export interface UserError {
  readonly field: readonly string[] | null;
  readonly code: string;
  readonly message: string;
}

export class GraphqlClient {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** The `data` of the answer; any error throws with the server's message. */
  async query<T>(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<T> {
    const response = await fetch(this.#url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${this.#token}` },
      body: JSON.stringify({ query, variables }),
    }).catch((cause: unknown) => {
      throw new GraphqlRequestError(`no control plane answers at ${this.#url}`, { cause });
    });
    const text = await response.text();
    let answer: { data?: T; errors?: readonly { message: string }[] };
    try {
      answer = JSON.parse(text) as typeof answer;
    } catch {
      throw new GraphqlRequestError(`${this.#url} answered ${response.status} and no JSON`);
    }
    if (answer.errors !== undefined && answer.errors.length > 0)
      throw new GraphqlRequestError(answer.errors.map((error) => error.message).join("; "));
    if (answer.data === undefined)
      throw new GraphqlRequestError(`${this.#url} answered ${response.status} without data`);
    return answer.data;
  }
}

/** Throws when a mutation was refused. */
export function refuseUserErrors(what: string, userErrors: readonly UserError[]): void {
  if (userErrors.length === 0) return;
  const reasons = userErrors.map(
    (error) => `${error.field?.join(".") ?? "input"}: ${error.message} (${error.code})`,
  );
  throw new GraphqlRequestError(`${what} was refused: ${reasons.join("; ")}`);
}
