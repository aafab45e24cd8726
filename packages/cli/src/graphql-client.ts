/** A minimal GraphQL client over fetch for the commands that speak to a control plane. */

export class GraphqlRequestError extends Error {
  override readonly name = "GraphqlRequestError";
  /** What is wrong with a variable; null: the request failed for another reason. */
  readonly wrongInput: WrongInput | null;

  constructor(message: string, options: ErrorOptions & { readonly wrongInput?: WrongInput | null } = {}) {
    super(message, options);
    this.wrongInput = options.wrongInput ?? null;
  }
}

export interface WrongInput {
  /** As a user error has it. */
  readonly field: readonly string[];
  readonly message: string;
}

interface RequestError {
  readonly message: string;
  readonly extensions?: { readonly field?: readonly string[] };
}

export interface UserError {
  readonly field: readonly string[] | null;
  readonly code: string;
  readonly message: string;
}

export class GraphqlClient {
  readonly #url: string;
  readonly #token: string;
  #respondedAtMs = Date.now();

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** When the newest response was sent, by the control plane's clock: this machine's may differ. Milliseconds since 1970. */
  get respondedAtMs(): number {
    return this.#respondedAtMs;
  }

  /** The `data` of the response; any error throws with the server's message. */
  async query<T>(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<T> {
    const { status, statusText, text } = await this.#post(JSON.stringify({ query, variables }));
    let body: { data?: T | null; errors?: readonly RequestError[] } | null;
    try {
      body = JSON.parse(text) as typeof body;
    } catch {
      const what = `${status} ${statusText}`.trim();
      throw new GraphqlRequestError(`${this.#url} responded with ${what} and no JSON`);
    }
    if (body?.errors !== undefined && body.errors.length > 0) {
      if (status === 401)
        throw new GraphqlRequestError(
          `${this.#url} refuses the admin token: check LATCHKEY_TOKEN or --token`,
        );
      const messages = body.errors.map((error) => error.message).join("; ");
      throw new GraphqlRequestError(
        status < 400 ? messages : `${this.#url} responded with ${status}: ${messages}`,
        { wrongInput: wrongInputOf(body.errors[0]) },
      );
    }
    if (body?.data === undefined || body.data === null)
      throw new GraphqlRequestError(`${this.#url} responded with ${status} and no data`);
    return body.data;
  }

  async #post(body: string): Promise<{ status: number; statusText: string; text: string }> {
    try {
      const response = await fetch(this.#url, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${this.#token}` },
        body,
      });
      const sentAtMs = Date.parse(response.headers.get("date") ?? "");
      this.#respondedAtMs = Number.isNaN(sentAtMs) ? Date.now() : sentAtMs;
      return { status: response.status, statusText: response.statusText, text: await response.text() };
    } catch (error) {
      throw new GraphqlRequestError(
        `no response from the control plane at ${this.#url}: ${requestFailed(error)}`,
        {
          cause: error,
        },
      );
    }
  }
}

function wrongInputOf(error: RequestError | undefined): WrongInput | null {
  const field = error?.extensions?.field;
  if (error === undefined || field === undefined) return null;
  return { field, message: error.message.replace(/^Variable "\$\w+" is wrong at "[^"]*": /, "") };
}

/** Why a request got no response: the innermost cause, as fetch says only "fetch failed". */
export function requestFailed(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (!(inner instanceof Error)) return String(inner);
  // An AggregateError, one for each address of a name, has no message of its own.
  return inner.message || ((inner as NodeJS.ErrnoException).code ?? inner.name);
}

/** Throws when a mutation was refused. */
export function refuseUserErrors(what: string, userErrors: readonly UserError[]): void {
  if (userErrors.length === 0) return;
  const reasons = userErrors.map(
    (error) => `${error.field?.join(".") ?? "input"}: ${error.message} (${error.code})`,
  );
  throw new GraphqlRequestError(`${what} was refused: ${reasons.join("; ")}`);
}
