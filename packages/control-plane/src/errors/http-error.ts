/** An error of the HTTP layer: status and code for the client, as JSON. */

export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  /** In the form of a GraphQL response, which clients of this server read already. */
  get body(): string {
    return JSON.stringify({ errors: [{ message: this.message, extensions: { code: this.code } }] });
  }
}

export function unauthenticated(): HttpError {
  return new HttpError(401, "UNAUTHENTICATED", "A valid token or session is required.", {
    "www-authenticate": 'Bearer realm="latchkey"',
  });
}

/** A WebSocket opening handshake that came as an ordinary request: a reverse proxy drops `Upgrade` unless its settings pass it on. */
export function upgradeLost(): HttpError {
  return new HttpError(
    426,
    "UPGRADE_REQUIRED",
    "A WebSocket came without its headers Upgrade and Connection: the reverse proxy in front does not pass them on (docs/console.md has the settings for nginx).",
    { upgrade: "websocket" },
  );
}

export function tooLarge(bytesMax: number): HttpError {
  // The rest of the body may not be read, and then the connection cannot be used again.
  return new HttpError(413, "PAYLOAD_TOO_LARGE", `The body has more than ${bytesMax} bytes.`, {
    connection: "close",
  });
}
