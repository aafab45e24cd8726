/**
 * Counts each request once, when it is over: the node's metrics, the usage of its key, the access log, the message trail, and its
 * spans.
 */
// Not the global: it is found by a getter at each use.
import { performance } from "node:perf_hooks";
import { hideApiKeys, type IngressErrorCode } from "@latchkey/core";
import { refusedEntry } from "../access-log/access-entry.js";
import type { AccessLog } from "../access-log/access-log.js";
import type { Integration } from "../forward/integration.js";
import type { EngineRefusal } from "../fronts/front-request.js";
import type { ClientAddresses } from "../policies/client-addresses.js";
import type { CurrentTable } from "../table/current-table.js";
import type { IngressStats, ResponseCheckOutcome } from "../usage/ingress-stats.js";
import { CLIENT_CLOSED_STATUS, outcomeOf } from "../usage/outcome.js";
import type { UsageRecorder } from "../usage/usage-recorder.js";
import { NOT_FORWARDED } from "../usage/usage-rows.js";
import type { RequestContext } from "./request-context.js";
import { requestSample } from "./request-sample.js";
import type { RequestSpans } from "./request-spans.js";
import type { Transfer } from "./transfer.js";

export interface AccountingParts {
  readonly stats: IngressStats;
  readonly usage: UsageRecorder;
  readonly currentTable: CurrentTable<Integration>;
  /** Null: there is none. */
  readonly accessLog: AccessLog | null;
  readonly clientAddresses: ClientAddresses;
  /** Null: none are exported. */
  readonly spans: RequestSpans | null;
}

export class Accounting {
  readonly #stats: IngressStats;
  readonly #usage: UsageRecorder;
  readonly #currentTable: CurrentTable<Integration>;
  readonly #accessLog: AccessLog | null;
  readonly #clientAddresses: ClientAddresses;
  readonly #spans: RequestSpans | null;

  constructor({ stats, usage, currentTable, accessLog, clientAddresses, spans }: AccountingParts) {
    this.#stats = stats;
    this.#usage = usage;
    this.#currentTable = currentTable;
    this.#accessLog = accessLog;
    this.#clientAddresses = clientAddresses;
    this.#spans = spans;
  }

  /** The gateway's own response that is no refusal. */
  responded(context: RequestContext, status: number): void {
    this.#notForwarded(context, status, null);
  }

  /** Refused before anything was forwarded. */
  refused(context: RequestContext, code: IngressErrorCode, status: number): void {
    this.#stats.countError(code);
    this.#notForwarded(context, status, code);
  }

  /** Over before anything was forwarded: the client left, or the HTTP engine refused it and counted its code. */
  aborted(context: RequestContext, refusal: EngineRefusal | null): void {
    this.#notForwarded(context, refusal?.status ?? CLIENT_CLOSED_STATUS, refusal?.code ?? null);
  }

  /**
   * The HTTP engine refused a request by itself.
   * @param address the client's; null: the request was handed on, whose listener counts all but the code
   */
  refusedByEngine({ code, status, interchangeId }: EngineRefusal, address: string | null): void {
    this.#stats.countError(code);
    if (address === null) return;
    this.#stats.countStatus(status);
    this.#usage.record(null, null, outcomeOf(status, code, false, ""), 0, 0, NOT_FORWARDED);
    if (this.#accessLog?.wants(true) !== true) return;
    const atMs = this.#currentTable.serverTimeMs();
    this.#accessLog.write(refusedEntry({ atMs, interchangeId, address, status, code }));
  }

  /** A proxied request failed: beside `finished`. */
  failed(code: IngressErrorCode): void {
    this.#stats.countError(code);
  }

  /** HOT. A proxied request is over. */
  finished(context: RequestContext, status: number, transfer: Transfer): void {
    const { key, route, request } = context;
    const { requestBytes, responseBytes, errorCode } = transfer;
    const durationMs = (transfer.respondedAtMs ?? performance.now()) - context.startedAtMs;
    const durationUs = Math.round(durationMs * 1000);
    this.#stats.countStatus(status);
    this.#stats.countForwarded(requestBytes, responseBytes, transfer.gatewayUsOf(durationUs));
    const outcome = outcomeOf(status, errorCode, context.usesPreviousSecret, request.head.method);
    this.#usage.record(key, route, outcome, requestBytes, responseBytes, durationUs);
    if (this.#accessLog !== null) this.#log(this.#accessLog, context, status, errorCode, transfer);
    if (this.#spans !== null) this.#spans.end(context, status, errorCode, transfer);
    if (this.#usage.samples.wants(isFailure(status, errorCode), key !== null))
      this.#sample(context, status, errorCode, durationMs, transfer);
    context.recorder?.release();
  }

  #notForwarded(context: RequestContext, status: number, code: IngressErrorCode | null): void {
    const { key, route, request } = context;
    this.#stats.countStatus(status);
    const outcome = outcomeOf(status, code, context.usesPreviousSecret, request.head.method);
    this.#usage.record(key, route, outcome, 0, 0, NOT_FORWARDED);
    if (this.#accessLog !== null) this.#log(this.#accessLog, context, status, code, null);
    if (this.#spans !== null) this.#spans.end(context, status, code, null);
    const isError = isFailure(status, code);
    if (isError && this.#usage.samples.wants(true, key !== null))
      this.#sample(context, status, code, context.elapsedUs() / 1_000, null);
    context.recorder?.release();
  }

  responseChecked(result: ResponseCheckOutcome): void {
    this.#stats.countResponseCheck(result);
  }

  #log(
    log: AccessLog,
    context: RequestContext,
    status: number,
    code: IngressErrorCode | null,
    transfer: Transfer | null,
  ): void {
    if (!log.wants(isFailure(status, code))) return;
    const { key, route, request, interchangeId } = context;
    const { method, path, query } = request.head;
    const durationUs = context.elapsedUs();
    const { traceId = "", spanId = "" } = this.#spans?.traceOf(context)?.start ?? {};
    log.write({
      atMs: this.#currentTable.serverTimeMs(),
      interchangeId,
      clientAddress: this.#clientAddresses.of(context),
      method,
      path: hideApiKeys(path),
      query: hideApiKeys(query),
      status,
      code: code ?? "",
      apiId: key?.api.id ?? "",
      routeId: route?.id ?? "",
      keyId: key?.id ?? "",
      integrationId: route?.integration.id ?? "",
      durationUs,
      gatewayUs: transfer === null ? durationUs : transfer.gatewayUsOf(durationUs),
      requestBytes: transfer?.requestBytes ?? 0,
      responseBytes: context.ownBodyBytes + (transfer?.responseBytes ?? 0),
      traceId,
      spanId,
    });
  }

  #sample(
    context: RequestContext,
    status: number,
    code: IngressErrorCode | null,
    durationMs: number,
    transfer: Transfer | null,
  ): void {
    const nowMs = this.#currentTable.serverTimeMs();
    const sample = requestSample(context, status, code, nowMs, durationMs, transfer);
    this.#usage.samples.add(sample, isFailure(status, code));
  }
}

/** A response that broke off has a status of success. */
function isFailure(status: number, code: IngressErrorCode | null): boolean {
  return status >= 400 || code !== null;
}
