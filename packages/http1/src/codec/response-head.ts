// The head of a response as it was read.

/** A final head (2xx to 5xx). Never changed, and shared by all responses with the same head. */
export interface ResponseHead {
  readonly status: number;
  readonly statusText: string;
  /** Flat, names in lower case. */
  readonly headers: readonly string[];
  /** -1 when there is none. */
  readonly contentLength: number;
  readonly chunked: boolean;
  /** The connection may serve another request, by its head. */
  readonly persistent: boolean;
  /** Seconds of `Keep-Alive: timeout=`; -1 when not given. */
  readonly keepAliveSeconds: number;
}
