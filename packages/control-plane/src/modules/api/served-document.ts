/** The OpenAPI document that nodes serve for an Api. */

export type ServedFault = "too_large" | "too_slow";

/** What nodes serve, or why they serve nothing. */
export interface ServedDocument {
  readonly apiId: string;
  /** Something else is to be served: it is being written. */
  readonly isStale: boolean;
  readonly fault: ServedFault | null;
  readonly sizeBytes: number | null;
}

/** A node gets an API in one message of at most 64 MiB (snapshot-client.ts). */
export const SERVED_BYTES_MAX = 24 * 1024 * 1024;
