/** Where the signals of a process go, by the settings that OpenTelemetry's specification names. */
import type { Signal } from "./otlp-transport.js";

export type OtlpProtocol = "http/protobuf" | "grpc";

/** Of one signal: what is missing is as for all. */
export interface SignalSettings {
  readonly exporter: "otlp" | "none";
  readonly endpoint?: string | undefined;
  readonly protocol?: OtlpProtocol | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** docs/config.md has them under `otlp`. */
export interface OtlpSettings {
  readonly endpoint?: string | undefined;
  readonly protocol: OtlpProtocol;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly serviceName?: string | undefined;
  readonly resourceAttributes?: Readonly<Record<string, string>> | undefined;
  readonly sampler: string;
  readonly samplerArg: number;
  readonly traces: SignalSettings;
  readonly metrics: SignalSettings & { readonly intervalMs: number };
  readonly logs: SignalSettings;
}

export interface OtlpTarget {
  /** Over HTTP the URL that is posted to; over gRPC scheme, host and port. */
  readonly url: URL;
  readonly protocol: OtlpProtocol;
  readonly headers: Readonly<Record<string, string>>;
}

const NAMES = { trace: "traces", metrics: "metrics", logs: "logs" } as const;

/** Null: the signal is not exported. */
export function targetOf(settings: OtlpSettings, signal: Signal): OtlpTarget | null {
  const own = settings[NAMES[signal]];
  const endpoint = own.endpoint ?? settings.endpoint;
  if (own.exporter === "none" || endpoint === undefined) return null;
  const protocol = own.protocol ?? settings.protocol;
  // The signal's own URL is taken as it is; to that of all signals a path is appended.
  const isWhole = own.endpoint !== undefined || protocol === "grpc";
  const base = endpoint.endsWith("/") ? endpoint : `${endpoint}/`;
  const url = isWhole ? new URL(endpoint) : new URL(`v1/${NAMES[signal]}`, base);
  return { url, protocol, headers: own.headers ?? settings.headers ?? {} };
}
