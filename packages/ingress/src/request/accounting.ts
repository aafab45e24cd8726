/** HOT. Counts each request once, when it is over: the node's metrics, the usage of its key, and the message trail. */
// Not the global: it is found by a getter at each use.
import { performance } from "node:perf_hooks";
import type { IngressErrorCode } from "@latchkey/core";

import type { Integration } from "../forward/integration.js";
import type { CurrentTable } from "../table/current-table.js";
import type { IngressStats, ResponseCheckOutcome } from "../usage/ingress-stats.js";
import { outcomeOf } from "../usage/outcome.js";
import type { UsageRecorder } from "../usage/usage-recorder.js";
import { NOT_FORWARDED } from "../usage/usage-rows.js";
import type { RequestContext } from "./request-context.js";
import { requestSample, type SampledTransfer } from "./request-sample.js";

/** What was transferred for a proxied request, and how it ended. */
export interface Transfer extends SampledTransfer {
  /** Null: the response is the integration's and complete. */
  readonly errorCode: IngressErrorCode | null;
  /** The HTTP engine refused it within its body, and counted that. */
  readonly isRefusedByEngine: boolean;
  /** The time that the gateway added. @param durationUs of the whole request */
  gatewayUsOf(durationUs: number): number;
}

export class Accounting {
  readonly #stats: IngressStats;
  readonly #usage: UsageRecorder;
  readonly #currentTable: CurrentTable<Integration>;

  constructor(stats: IngressStats, usage: UsageRecorder, currentTable: CurrentTable<Integration>) {
    this.#stats = stats;
    this.#usage = usage;
    this.#currentTable = currentTable;
  }

  /** The gateway's own response that is no refusal. */
  responded(context: RequestContext, status: number): void {
    const { key, route, request } = context;
    this.#stats.countStatus(status);
    const outcome = outcomeOf(status, null, context.usesPreviousSecret, request.head.method);
    this.#usage.record(key, route, outcome, 0, 0, NOT_FORWARDED);
  }

  /** Refused before anything was forwarded. */
  refused(context: RequestContext, code: IngressErrorCode, status: number): void {
    const { key, route, request } = context;
    this.#stats.countError(code);
    this.#stats.countStatus(status);
    const outcome = outcomeOf(status, code, context.usesPreviousSecret, request.head.method);
    this.#usage.record(key, route, outcome, 0, 0, NOT_FORWARDED);
    if (!this.#usage.samples.wants(true, key !== null)) return;
    this.#sample(context, status, code, performance.now() - context.startedAtMs, null);
  }

  /** A proxied request failed: beside `finished`. */
  failed(code: IngressErrorCode): void {
    this.#stats.countError(code);
  }

  /** A proxied request is over. */
  finished(context: RequestContext, status: number, transfer: Transfer): void {
    const { key, route, request } = context;
    const { requestBytes, responseBytes, errorCode } = transfer;
    const durationMs = performance.now() - context.startedAtMs;
    const durationUs = Math.round(durationMs * 1000);
    if (!transfer.isRefusedByEngine) this.#stats.countStatus(status);
    else if (errorCode !== null) this.#stats.takeFrontRefusal(errorCode);
    this.#stats.countForwarded(requestBytes, responseBytes, transfer.gatewayUsOf(durationUs));
    const outcome = outcomeOf(status, errorCode, context.usesPreviousSecret, request.head.method);
    this.#usage.record(key, route, outcome, requestBytes, responseBytes, durationUs);
    if (this.#usage.samples.wants(isFailure(status, errorCode), key !== null))
      this.#sample(context, status, errorCode, durationMs, transfer);
  }

  responseChecked(result: ResponseCheckOutcome): void {
    this.#stats.countResponseCheck(result);
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
