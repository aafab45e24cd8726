/**
 * A collector that keeps what it gets: OTLP over HTTP and gRPC, decoded by OpenTelemetry's generated protobufs. It can also
 * respond badly, or not at all. Tests only.
 */
import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { type Metadata, Server, ServerCredentials, type ServiceDefinition, status } from "@grpc/grpc-js";
import {
  logsOf,
  pointsOf,
  type ReceivedLog,
  type ReceivedPoint,
  type ReceivedSpan,
  spansOf,
} from "./otlp-messages.js";
import { Waiters } from "./waiters.js";

/** `take`: 200. `hang`: accepts and never responds. A number: that status over HTTP, UNAVAILABLE over gRPC. */
export type OtlpBehaviour = "take" | "hang" | number;

/** Far longer than any wait takes. */
const WAIT_MS_MAX = 60_000;

const same = (bytes: Buffer): Buffer => bytes;
const signals = ["traces", "metrics", "logs"] as const;
type SignalName = (typeof signals)[number];

const METHODS: Readonly<Record<SignalName, string>> = {
  traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
  metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
  logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
};

const serviceOf = (signal: SignalName): ServiceDefinition => ({
  export: {
    path: METHODS[signal],
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  },
});

/** Further settings: metrics and logs go where spans go. */
export const ALL_SIGNALS = {
  OTEL_METRICS_EXPORTER: "otlp",
  OTEL_METRIC_EXPORT_INTERVAL: "1000",
  OTEL_LOGS_EXPORTER: "otlp",
} as const;

export class OtlpReceiver implements AsyncDisposable {
  behaviour: OtlpBehaviour = "take";
  readonly spans: ReceivedSpan[] = [];
  /** Of each export of metrics. */
  readonly metrics: (readonly ReceivedPoint[])[] = [];
  readonly logs: ReceivedLog[] = [];
  /** Bodies as they came, for the search for secrets. */
  readonly bodies: Buffer[] = [];
  /** Of each request that came. */
  readonly headers: Readonly<Record<string, unknown>>[] = [];
  readonly #waiters = new Waiters();
  readonly #http: HttpServer;
  /** Another one after each time that it did not listen: gRPC's cannot listen again. */
  #grpc = new Server();
  #port = 0;
  #grpcPort = 0;

  private constructor() {
    this.#http = createServer((req, res) => void this.#serve(req, res));
  }

  readonly #onCall =
    (signal: SignalName) =>
    (
      call: { readonly request: Buffer; readonly metadata: Metadata },
      respond: (error: { readonly code: status } | null, response?: Buffer) => void,
    ): void => {
      this.headers.push(call.metadata.getMap());
      if (this.behaviour === "take") {
        this.#take(signal, call.request);
        respond(null, Buffer.alloc(0));
      } else if (this.behaviour !== "hang") respond({ code: status.UNAVAILABLE });
      this.#waiters.notify();
    };

  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    await receiver.listenAgain();
    return receiver;
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get grpcUrl(): string {
    return `http://127.0.0.1:${this.#grpcPort}`;
  }

  /** Settings of a process that exports spans here; of one that exports metrics and logs, too, with `ALL_SIGNALS`. */
  env(protocol: "http/protobuf" | "grpc" = "http/protobuf"): Readonly<Record<string, string>> {
    return {
      OTEL_EXPORTER_OTLP_ENDPOINT: protocol === "grpc" ? this.grpcUrl : this.httpUrl,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    };
  }

  /** Resolves once it holds; looked at after each request. */
  when(condition: () => boolean): Promise<void> {
    return this.#waiters.until(
      condition,
      WAIT_MS_MAX,
      () =>
        `${this.spans.length} spans, ${this.metrics.length} exports of metrics and ${this.logs.length} log records came`,
    );
  }

  /** Refuses connections from here on, and cuts those that there are. */
  async stopListening(): Promise<void> {
    this.#grpc.forceShutdown();
    const isClosed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    this.#http.closeAllConnections();
    await isClosed;
  }

  /** On the ports that it had. */
  async listenAgain(): Promise<void> {
    await new Promise<void>((resolve) => this.#http.listen(this.#port, "127.0.0.1", () => resolve()));
    this.#port = (this.#http.address() as AddressInfo).port;
    this.#grpc = new Server();
    for (const signal of signals) this.#grpc.addService(serviceOf(signal), { export: this.#onCall(signal) });
    this.#grpcPort = await new Promise<number>((resolve, reject) => {
      this.#grpc.bindAsync(
        `127.0.0.1:${this.#grpcPort}`,
        ServerCredentials.createInsecure(),
        (error, bound) => (error === null ? resolve(bound) : reject(error)),
      );
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#http.listening) await this.stopListening();
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    this.headers.push(req.headers);
    const signal = signals.find((name) => req.url === `/v1/${name}`);
    const isProtobuf = req.headers["content-type"] === "application/x-protobuf";
    if (signal === undefined || !isProtobuf) res.writeHead(404).end();
    else if (this.behaviour === "take") {
      this.#take(signal, Buffer.concat(chunks));
      res.writeHead(200, { "content-type": "application/x-protobuf" }).end();
    } else if (this.behaviour !== "hang") res.writeHead(this.behaviour).end();
    this.#waiters.notify();
  }

  #take(signal: SignalName, body: Buffer): void {
    this.bodies.push(body);
    if (signal === "traces") this.spans.push(...spansOf(body));
    else if (signal === "metrics") this.metrics.push(pointsOf(body));
    else this.logs.push(...logsOf(body));
  }
}
