/**
 * One request on its way through the pipeline: each step writes what it found, and later steps read it. One object
 * per request. Decides nothing.
 */
// Not the global: it is found by a getter at each use.
import { performance } from "node:perf_hooks";
import { SharedHeaders } from "@latchkey/http1";
import type { Revision } from "@latchkey/snapshot";
import type { Integration } from "../forward/integration.js";
import type { FrontRequest } from "../fronts/front-request.js";
import type { LimitRefusal, RequestLimits } from "../limits/rate-limiter.js";
import type { CompiledRoute } from "../table/compiled-api.js";
import type { KeyEntry } from "../table/key-entry.js";
import { interchangeIdOf } from "./interchange-id.js";
import type { MessageRecorder } from "./message-recorder.js";
import { NO_QUERY, type QueryCredential } from "./query-credential.js";
import { RequestScan } from "./request-scan.js";
import type { RequestTrace } from "./request-trace.js";
import type { Uuids } from "./uuids.js";

/** A request that was counted against the limits of a key before it waited for something else. */
export interface CountedRequest {
  readonly keyId: string;
  readonly refusal: LimitRefusal | null;
}

const NONE = new SharedHeaders([]);
/** Of a request whose headers were not looked at. */
const NO_SCAN = new RequestScan(NONE, null);
const NO_VALUES: readonly string[] = [];
const NO_HEADERS: string[] = [];
const NO_LINES: readonly string[] = [];

export class RequestContext {
  readonly request: FrontRequest;
  /** Monotonic milliseconds. */
  readonly startedAtMs: number;

  /** Of the table that it is handled with; null: there was none. */
  revision: Revision | null = null;
  /** What the headers say. */
  scan: RequestScan = NO_SCAN;
  query: QueryCredential = NO_QUERY;
  /** Null: the request has no valid key, or was refused before that was known. */
  key: KeyEntry | null = null;
  /** The client presented the key's secret before the last regeneration. */
  usesPreviousSecret = false;
  /** A bearer token was demanded and is valid. */
  hasToken = false;
  /** Null: no route matches, or the request was refused before that was known. */
  route: CompiledRoute<Integration> | null = null;
  integration: Integration | null = null;
  /** The client asks for a WebSocket, and the integration has some. */
  isWebSocket = false;
  parameterValues: readonly string[] = NO_VALUES;
  /** Survives a second run of the pipeline, so that a request is counted once. */
  counted: CountedRequest | null = null;

  /** Null: its spans are not exported; undefined: that is not decided. */
  trace: RequestTrace | null | undefined = undefined;

  /** What the request is counted against; null: nothing, or it was refused before that was known. */
  limits: readonly RequestLimits[] | null = null;

  // The head of the upstream request, see outgoing-head.ts.

  /** The client's headers that go on. */
  passed: SharedHeaders = NONE;
  /** The gateway's own headers. */
  ownHeaders: string[] = NO_HEADERS;
  /** The gateway's headers about the client, where no proxy has said anything; else in `ownHeaders`. */
  forwarding: SharedHeaders | null = null;

  /** Null: its API records no headers and bodies, or is not known. */
  recorder: MessageRecorder | null = null;

  /** Of the body that the gateway itself responded with. */
  ownBodyBytes = 0;

  /** CORS headers of the response, flat. Where there are any, those of the integration do not go on. */
  corsLines: readonly string[] = NO_LINES;

  readonly #uuids: Uuids;
  #interchangeId = "";

  constructor(request: FrontRequest, uuids: Uuids) {
    this.request = request;
    this.#uuids = uuids;
    this.startedAtMs = request.arrivedAtMs;
  }

  /** The client's id if it is valid, else a new one. Asked for after the headers were read, if they are. */
  get interchangeId(): string {
    if (this.#interchangeId === "")
      this.#interchangeId = interchangeIdOf(this.scan.interchangeId, this.#uuids);
    return this.#interchangeId;
  }

  /** Since the request's arrival: whole numbers, which take no memory of their own as long as they are small. */
  elapsedUs(): number {
    return Math.round((performance.now() - this.startedAtMs) * 1_000);
  }

  /** Of a request that has its route and integration. */
  get requestBodyBytesMax(): number {
    return this.integration?.requestBodyBytesMax(this.route?.requestBodyBytesMax ?? 0) ?? 0;
  }

  /** The gateway itself responds, with so many bytes. */
  respondsItself(bodyBytes: number): void {
    if (this.request.head.method !== "HEAD") this.ownBodyBytes = bodyBytes;
  }

  /** Before the pipeline runs again. */
  restart(): void {
    this.key = null;
    this.usesPreviousSecret = false;
    this.route = null;
    this.limits = null;
    this.hasToken = false;
  }
}
