/** Sends one OTLP request to the collector, by HTTP or gRPC. Each call ends within `SEND_MS_MAX`. */

/** A collector that takes longer is away. */
export const SEND_MS_MAX = 5_000;

/** OTLP's signals; the names stand in those of gRPC's services. */
export type Signal = "trace" | "metrics" | "logs";

export type SendResult =
  /** @property rejected items that the collector did not want */
  | { readonly kind: "taken"; readonly rejected: number }
  /** It may take them later. */
  | { readonly kind: "away"; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string };

export interface OtlpTransport {
  /** Never rejects. */
  send(body: Buffer): Promise<SendResult>;
  /** Cuts what is under way, and frees its connections. */
  close(): void;
}
