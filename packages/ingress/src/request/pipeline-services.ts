/** The steps of the pipeline and what they share, put together from a node's parts. */
import type { Tracing } from "@latchkey/observe";
import { CheckPool } from "@latchkey/validation";
import type { AccessLog } from "../access-log/access-log.js";
import type { IngressConfig } from "../config.js";
import type { Integration } from "../forward/integration.js";
import { Pseudonym } from "../forward/loop-detection.js";
import type { ProxyServices } from "../forward/proxy-services.js";
import type { ResponseFaults } from "../forward/response-faults.js";
import { ResponseValidation } from "../forward/response-validation.js";
import { WebSockets } from "../forward/web-sockets.js";
import { LimitStep } from "../limits/limit-step.js";
import type { SharedLimits } from "../limits/shared-limits.js";
import { ClientAddresses } from "../policies/client-addresses.js";
import { Cors } from "../policies/cors.js";
import type { SleepGate } from "../sync/sleep-gate.js";
import type { CurrentTable } from "../table/current-table.js";
import type { IngressStats } from "../usage/ingress-stats.js";
import type { UsageRecorder } from "../usage/usage-recorder.js";
import { Accounting } from "./accounting.js";
import { Admission } from "./admission.js";
import { accessLapseOf } from "./authenticate.js";
import { type BearerTokens } from "./bearer.js";
import { BufferedBytes } from "./buffered-bytes.js";
import { Deferrals } from "./deferrals.js";
import { Freshness } from "./freshness.js";
import { GatewayResources } from "./gateway-resources.js";
import { HeaderClasses } from "./header-classes.js";
import { OutgoingHead } from "./outgoing-head.js";
import { RandomPool } from "./random-pool.js";
import { Refusals } from "./refusals.js";
import { Rejecter } from "./reject.js";
import { RequestSpans } from "./request-spans.js";
import { RequestValidation } from "./request-validation.js";
import { TrustedProxies } from "./trusted-proxies.js";
import { Uuids } from "./uuids.js";

export interface PipelineParts {
  readonly config: IngressConfig;
  readonly currentTable: CurrentTable<Integration>;
  readonly stats: IngressStats;
  readonly usage: UsageRecorder;
  /** Null: there is none. */
  readonly accessLog: AccessLog | null;
  /** Null: no spans are exported. */
  readonly tracing: Tracing | null;
  /** Closed after a sleep of the process. */
  readonly gate: SleepGate;
  /** Of the listener. */
  readonly scheme: "http" | "https";
  /** Null: no bearer token is accepted. */
  readonly bearer: BearerTokens | null;
  /** Null: this node counts for itself. */
  readonly sharedLimits: SharedLimits | null;
  readonly responseFaults: ResponseFaults;
}

export interface PipelineServices {
  readonly uuids: Uuids;
  readonly freshness: Freshness;
  readonly rejecter: Rejecter;
  readonly refusals: Refusals;
  readonly admission: Admission;
  readonly trustedProxies: TrustedProxies;
  readonly headerClasses: HeaderClasses;
  readonly pseudonym: Pseudonym;
  readonly checkPool: CheckPool;
  readonly resources: GatewayResources;
  readonly cors: Cors;
  readonly clientAddresses: ClientAddresses;
  readonly limits: LimitStep;
  readonly outgoingHead: OutgoingHead;
  readonly deferrals: Deferrals;
  readonly validation: RequestValidation;
  readonly proxy: ProxyServices;
}

export function pipelineServices(parts: PipelineParts): PipelineServices {
  const { config, currentTable } = parts;
  const { checkedBodyBytesMax, bodyBufferBytesMax, bufferedBytesMax } = config.limits;
  const random = new RandomPool();
  const trustedProxies = new TrustedProxies(config.trustedProxies, config.trustedProxyHeader);
  const uuids = new Uuids(random);
  const admission = new Admission(config.limits);
  const clientAddresses = new ClientAddresses(trustedProxies);
  const { stats, usage, accessLog, tracing, scheme } = parts;
  const showsClient = accessLog?.shows("client") ?? false;
  const spans = tracing === null ? null : new RequestSpans({ tracing, scheme, clientAddresses, showsClient });
  const accounting = new Accounting({ stats, usage, currentTable, accessLog, clientAddresses, spans });
  const limits = new LimitStep(currentTable, parts.sharedLimits);
  const rejecter = new Rejecter(config.keyHeader, uuids, limits);
  const refusals = new Refusals(rejecter, accounting);
  const bufferedBytes = new BufferedBytes(bufferedBytesMax);
  const deferrals = new Deferrals(bufferedBytes, parts.gate);
  const checkPool = new CheckPool({ bodyBytesMax: checkedBodyBytesMax });
  const checks = { pool: checkPool, bufferedBytes, bodyBytesMax: checkedBodyBytesMax };
  const responseValidation = new ResponseValidation({ ...checks, accounting, faults: parts.responseFaults });
  const freshness = new Freshness(parts.gate, currentTable, config.controlPlane.maxStaleMs);
  return {
    uuids,
    freshness,
    rejecter,
    refusals,
    admission,
    trustedProxies,
    headerClasses: new HeaderClasses(config.keyHeader, config.webhookHeader),
    pseudonym: new Pseudonym(config.via),
    checkPool,
    resources: new GatewayResources(accounting),
    cors: new Cors(config.keyHeader),
    clientAddresses,
    limits,
    outgoingHead: new OutgoingHead(scheme, random, spans),
    deferrals,
    validation: new RequestValidation({ ...checks, deferrals, refusals }),
    proxy: {
      bodyBufferBytesMax,
      wholeBodyBytesMax: checkedBodyBytesMax,
      webSockets: new WebSockets(),
      lapseOf: (context, nowMs) =>
        freshness.isStale(nowMs) ? "gateway.stale" : accessLapseOf(context, currentTable),
      bufferedBytes,
      admission,
      limits,
      rejecter,
      accounting,
      responseValidation,
    },
  };
}
