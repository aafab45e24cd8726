// The header block of a request as it was read. Most clients send the same one with each request, behind another request
// line, so it is cached.

/** The header block of an HTTP/1.1 request. Immutable, and shared by all requests with the same bytes. */
export interface HeaderBlock {
  readonly headers: readonly string[];
  /** -1 when there is none. */
  readonly contentLength: number;
  readonly chunked: boolean;
  readonly connectionClose: boolean;
  readonly connectionKeepAlive: boolean;
  readonly connectionNames: readonly string[];
  readonly expectContinue: boolean;
  /** Index of the field `Host`; -1 when there is none. */
  readonly hostField: number;
}
