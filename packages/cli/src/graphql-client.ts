/** A minimal GraphQL client over fetch for the commands that speak to a control plane. */
import { release } from "@latchkey/observe/release";
import { RESPONSE_TIMEOUT_MS, ResponseTimeout } from "./response-timeout.js";

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
  readonly extensions?: { readonly code?: string; readonly field?: readonly string[] };
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
  async query<T>(
    query: string,
    variables: Readonly<Record<string, unknown>> = {},
    timeoutMs = RESPONSE_TIMEOUT_MS,
  ): Promise<T> {
    const timeout = new ResponseTimeout(timeoutMs);
    const posted = this.#post(JSON.stringify({ query, variables }), timeout.signal);
    const { status, statusText, text } = await timeout.wait(posted).catch((cause: unknown) => {
      const changes = query.startsWith("mutation")
        ? ". The change may be in force: check before you repeat it"
        : "";
      throw new GraphqlRequestError(
        `no response from the control plane at ${this.#url}: ${requestFailed(cause)}${changes}`,
        { cause },
      );
    });
    let response: { data?: T | null; errors?: readonly RequestError[] } | null;
    try {
      response = JSON.parse(text) as typeof response;
    } catch {
      const what = `${status} ${statusText}`.trim();
      throw new GraphqlRequestError(`${this.#url} responded with ${what} and no JSON`);
    }
    if (response?.errors !== undefined && response.errors.length > 0) {
      if (status === 401) throw new GraphqlRequestError(tokenRefused(this.#url));
      const messages = response.errors.map((error) => error.message).join("; ");
      // Of a query that is part of this command.
      if (response.errors.some(({ extensions }) => extensions?.code === "GRAPHQL_VALIDATION_FAILED"))
        throw new GraphqlRequestError(
          `the control plane at ${this.#url} is of another release than this command (${release}): use the command of its release. It says: ${messages}`,
        );
      throw new GraphqlRequestError(
        status < 400 ? messages : `${this.#url} responded with ${status}: ${messages}`,
        { wrongInput: wrongInputOf(response.errors[0]) },
      );
    }
    if (response?.data === undefined || response.data === null)
      throw new GraphqlRequestError(`${this.#url} responded with ${status} and no data`);
    return response.data;
  }

  async #post(
    body: string,
    signal: AbortSignal,
  ): Promise<{ status: number; statusText: string; text: string }> {
    const response = await fetch(this.#url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${this.#token}` },
      body,
      signal,
    });
    const sentAtMs = Date.parse(response.headers.get("date") ?? "");
    this.#respondedAtMs = Number.isNaN(sentAtMs) ? Date.now() : sentAtMs;
    return { status: response.status, statusText: response.statusText, text: await response.text() };
  }
}

function wrongInputOf(error: RequestError | undefined): WrongInput | null {
  const field = error?.extensions?.field;
  if (error === undefined || field === undefined) return null;
  return { field, message: error.message.replace(/^Variable "\$\w+" is wrong at "[^"]*": /, "") };
}

/** Of a 401: the token has three sources. */
export function tokenRefused(url: string): string {
  return `${url} refuses the admin token: check the one given to \`latchkey login\`, in LATCHKEY_TOKEN or with --token`;
}

/** Codes of Node.js for a certificate that no known authority has signed. */
const UNKNOWN_AUTHORITY: readonly string[] = [
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
];

/** Why a request got no response: the innermost cause, as fetch says only "fetch failed". */
export function requestFailed(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (!(inner instanceof Error)) return String(inner);
  const { code = "" } = inner as NodeJS.ErrnoException;
  // OpenSSL's text is about its own source lines.
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER")
    return "this port does not speak TLS; does the URL begin with http://?";
  if (UNKNOWN_AUTHORITY.includes(code))
    return `${inner.message}; NODE_EXTRA_CA_CERTS=<file> adds an authority of your own`;
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
