/** OTLP over gRPC. A channel that failed is replaced, so that the collector's name is looked up again. */
import {
  Client,
  type ClientUnaryCall,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { grpcTarget } from "../dns/grpc-names.js";
import type { NameResolver } from "../dns/name-resolver.js";
import { rejectedItems } from "./otlp-response.js";
import type { OtlpTarget } from "./otlp-target.js";
import { type OtlpTransport, SEND_MS_MAX, type SendResult, type Signal } from "./otlp-transport.js";

const METHODS: Readonly<Record<Signal, string>> = {
  trace: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
  metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
  logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
};
const PORT_DEFAULT = 4317;
/** The collector may take the same later (OTLP specification, "OTLP/gRPC Response"). */
const AWAY: ReadonlySet<status> = new Set([
  status.CANCELLED,
  status.DEADLINE_EXCEEDED,
  status.RESOURCE_EXHAUSTED,
  status.ABORTED,
  status.OUT_OF_RANGE,
  status.UNAVAILABLE,
  status.DATA_LOSS,
]);

const same = (bytes: Buffer): Buffer => bytes;

export class GrpcTransport implements OtlpTransport {
  readonly #url: URL;
  readonly #method: string;
  readonly #metadata = new Metadata();
  readonly #resolver: NameResolver;
  #client: Client | null = null;
  #call: ClientUnaryCall | null = null;

  constructor({ url, headers }: OtlpTarget, signal: Signal, resolver: NameResolver) {
    this.#url = url;
    this.#method = METHODS[signal];
    this.#resolver = resolver;
    for (const [name, value] of Object.entries(headers)) this.#metadata.set(name, value);
  }

  send(body: Buffer): Promise<SendResult> {
    this.#client ??= this.#connect();
    const client = this.#client;
    return new Promise((resolve) => {
      const deadline = Date.now() + SEND_MS_MAX;
      const done = (error: ServiceError | null, response?: Buffer): void => {
        this.#call = null;
        if (error === null) {
          resolve({ kind: "taken", rejected: rejectedItems(response ?? Buffer.alloc(0)) });
          return;
        }
        this.#disconnect(client);
        resolve({ kind: AWAY.has(error.code) ? "away" : "refused", reason: status[error.code] });
      };
      this.#call = client.makeUnaryRequest(
        this.#method,
        same,
        same,
        body,
        this.#metadata,
        { deadline },
        done,
      );
    });
  }

  close(): void {
    this.#call?.cancel();
    if (this.#client !== null) this.#disconnect(this.#client);
  }

  #connect(): Client {
    const { protocol, hostname, port } = this.#url;
    const isTls = protocol === "https:";
    // A URL has no port where it is the scheme's own.
    const place = `${hostname}:${port === "" ? (isTls ? 443 : PORT_DEFAULT) : port}`;
    const { target, options } = grpcTarget(place, this.#resolver);
    return new Client(target, isTls ? credentials.createSsl() : credentials.createInsecure(), {
      ...options,
      "grpc.enable_channelz": 0,
    });
  }

  #disconnect(client: Client): void {
    client.close();
    if (this.#client === client) this.#client = null;
  }
}
