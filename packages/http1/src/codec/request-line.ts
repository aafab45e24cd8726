// The request line as it was read: a client of a webhook says the same one again and again.

/** What a request line in origin-form says, of HTTP/1.1. */
export interface RequestLine {
  readonly method: string;
  readonly path: string;
  /** Empty when there is none. */
  readonly query: string;
}
