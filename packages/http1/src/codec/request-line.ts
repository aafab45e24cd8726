// The request line as it was read. Clients of webhooks repeat it, so it is cached.

/** A request line of HTTP/1.1 in origin-form. */
export interface RequestLine {
  readonly method: string;
  readonly path: string;
  /** Empty when there is none. */
  readonly query: string;
}
