/** The response to a request that the server refuses by itself. */
export interface ServerRefusal {
  readonly status: number;
  readonly statusText: string;
  /** Flat, without framing and connection headers. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
}
