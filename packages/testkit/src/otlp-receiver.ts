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
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { type Metadata, Server, ServerCredentials, type ServiceDefinition, status } from "@grpc/grpc-js";
import { Waiters } from "./waiters.js";

export type OtlpValue = string | number | boolean;

export interface ReceivedSpan {
  readonly name: string;
  /** As in trace.proto: SPAN_KIND_SERVER. */
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty: there is none. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Readonly<Record<string, OtlpValue>>;
  readonly isError: boolean;
  readonly resource: Readonly<Record<string, OtlpValue>>;
}

/** `take`: 200. `hang`: accepts and never responds. A number: that status over HTTP, UNAVAILABLE over gRPC. */
export type OtlpBehaviour = "take" | "hang" | number;

interface Decoder {
  decode(bytes: Uint8Array): unknown;
  toObject(message: unknown, options: object): unknown;
}

interface ProtobufRoot {
  readonly opentelemetry: {
    readonly proto: {
      readonly collector: {
        readonly trace: { readonly v1: { readonly ExportTraceServiceRequest: Decoder } };
      };
    };
  };
}

interface RawAttribute {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly boolValue?: boolean;
    readonly intValue?: string;
    readonly doubleValue?: number;
  };
}

interface RawSpan {
  readonly name: string;
  readonly kind: string;
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  readonly parentSpanId: Buffer;
  readonly traceState: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly RawAttribute[];
  readonly status: { readonly code: string } | null;
}

interface RawRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly RawAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly RawSpan[] }[];
  }[];
}

// The module has no types of its own. The workspace `test` owns the package: only tests load it, and `npm start` builds this one.
const root = createRequire(import.meta.url)(
  "@opentelemetry/otlp-transformer/build/src/generated/root.js",
) as ProtobufRoot;
const requestType = root.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
const plain = { longs: String, enums: String, bytes: Buffer, defaults: true };

/** Far longer than any wait takes. */
const WAIT_MS_MAX = 60_000;

const same = (bytes: Buffer): Buffer => bytes;
const traceService: ServiceDefinition = {
  export: {
    path: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  },
};

export class OtlpReceiver implements AsyncDisposable {
  behaviour: OtlpBehaviour = "take";
  readonly spans: ReceivedSpan[] = [];
  /** Bodies as they came, for the search for secrets. */
  readonly bodies: Buffer[] = [];
  /** Of each request that came. */
  readonly headers: Readonly<Record<string, unknown>>[] = [];
  readonly #waiters = new Waiters();
  readonly #http: HttpServer;
  readonly #grpc = new Server();
  #port = 0;
  #grpcPort = 0;

  private constructor() {
    this.#http = createServer((req, res) => void this.#serve(req, res));
    this.#grpc.addService(traceService, {
      export: (
        call: { readonly request: Buffer; readonly metadata: Metadata },
        respond: (error: { readonly code: status } | null, response?: Buffer) => void,
      ) => {
        this.headers.push(call.metadata.getMap());
        if (this.behaviour === "take") {
          this.#take(call.request);
          respond(null, Buffer.alloc(0));
        } else if (this.behaviour !== "hang") respond({ code: status.UNAVAILABLE });
        this.#waiters.notify();
      },
    });
  }

  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    await receiver.#listen();
    return receiver;
  }

  async #listen(): Promise<void> {
    await this.listenAgain();
    this.#port = (this.#http.address() as AddressInfo).port;
    this.#grpcPort = await new Promise<number>((resolve, reject) => {
      this.#grpc.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get grpcUrl(): string {
    return `http://127.0.0.1:${this.#grpcPort}`;
  }

  /** Settings of a process that exports here. */
  env(protocol: "http/protobuf" | "grpc" = "http/protobuf"): Readonly<Record<string, string>> {
    return {
      OTEL_EXPORTER_OTLP_ENDPOINT: protocol === "grpc" ? this.grpcUrl : this.httpUrl,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    };
  }

  /** Resolves once it holds; looked at after each request. */
  when(condition: () => boolean): Promise<void> {
    return this.#waiters.until(condition, WAIT_MS_MAX, () => `${this.spans.length} spans came`);
  }

  /** Refuses HTTP connections from here on, and cuts those that there are. */
  async stopListening(): Promise<void> {
    const isClosed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    this.#http.closeAllConnections();
    await isClosed;
  }

  /** On the port that it had. */
  listenAgain(): Promise<void> {
    return new Promise((resolve) => this.#http.listen(this.#port, "127.0.0.1", () => resolve()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#grpc.forceShutdown();
    if (this.#http.listening) await this.stopListening();
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    this.headers.push(req.headers);
    const isExpected = req.url === "/v1/traces" && req.headers["content-type"] === "application/x-protobuf";
    if (!isExpected) res.writeHead(404).end();
    else if (this.behaviour === "take") {
      this.#take(Buffer.concat(chunks));
      res.writeHead(200, { "content-type": "application/x-protobuf" }).end();
    } else if (this.behaviour !== "hang") res.writeHead(this.behaviour).end();
    this.#waiters.notify();
  }

  #take(body: Buffer): void {
    this.bodies.push(body);
    const { resourceSpans } = requestType.toObject(requestType.decode(body), plain) as RawRequest;
    for (const { resource, scopeSpans } of resourceSpans)
      for (const span of scopeSpans.flatMap(({ spans }) => spans))
        this.spans.push(spanOf(span, attributesOf(resource.attributes)));
  }
}

function spanOf(span: RawSpan, resource: ReceivedSpan["resource"]): ReceivedSpan {
  return {
    name: span.name,
    kind: span.kind,
    traceId: span.traceId.toString("hex"),
    spanId: span.spanId.toString("hex"),
    parentSpanId: span.parentSpanId.toString("hex"),
    traceState: span.traceState,
    startNs: BigInt(span.startTimeUnixNano),
    endNs: BigInt(span.endTimeUnixNano),
    attributes: attributesOf(span.attributes),
    isError: span.status?.code === "STATUS_CODE_ERROR",
    resource,
  };
}

function attributesOf(attributes: readonly RawAttribute[]): Readonly<Record<string, OtlpValue>> {
  return Object.fromEntries(
    attributes.map(({ key, value: { stringValue, boolValue, intValue, doubleValue } }) => [
      key,
      stringValue ?? boolValue ?? (intValue === undefined ? doubleValue : Number(intValue)) ?? "",
    ]),
  );
}
