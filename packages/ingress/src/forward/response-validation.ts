/** The responses of routes with response validation: opens a check for each, counts and reports its outcome. */

import type { CheckPool } from "@latchkey/validation";
import type { Accounting } from "../request/accounting.js";
import type { BufferedBytes } from "../request/buffered-bytes.js";
import type { RequestContext } from "../request/request-context.js";
import type { CompiledRoute } from "../table/compiled-api.js";
import type { Integration } from "./integration.js";
import { checkedResponseHead, ResponseCheck, type ResponseOutcome } from "./response-check.js";
import type { ResponseFaults } from "./response-faults.js";

export interface ResponseValidationParts {
  readonly pool: CheckPool;
  readonly bufferedBytes: BufferedBytes;
  /** Of a body that is checked. */
  readonly bodyBytesMax: number;
  readonly accounting: Accounting;
  readonly faults: ResponseFaults;
}

export class ResponseValidation {
  readonly #parts: ResponseValidationParts;

  constructor(parts: ResponseValidationParts) {
    this.#parts = parts;
  }

  /** The check of one response. */
  open(context: RequestContext, status: number, headers: readonly string[], hasBody: boolean): ResponseCheck {
    const { pool, bufferedBytes, bodyBytesMax } = this.#parts;
    const route = context.route as CompiledRoute<Integration>;
    const integration = context.integration as Integration;
    return new ResponseCheck({
      checker: route.operation === null ? "unusable" : route.operation.checkerFor(integration.resource),
      head: checkedResponseHead(status, headers, hasBody),
      pool,
      apiId: route.apiId,
      keyId: context.key?.id ?? "",
      room: bufferedBytes,
      subscription: integration.subscription,
      bytesMax: bodyBytesMax,
    });
  }

  /** @param outcome null: it was not checked */
  report(context: RequestContext, status: number, outcome: ResponseOutcome | null): void {
    const { accounting, faults } = this.#parts;
    const route = context.route as CompiledRoute<Integration>;
    const isRefused = route.responseValidation === "refuse";
    if (outcome === null || typeof outcome === "string") {
      accounting.responseChecked("unchecked");
      return;
    }
    accounting.responseChecked(outcome.length === 0 ? "valid" : isRefused ? "refused" : "reported");
    if (outcome.length > 0)
      faults.report({
        apiId: route.apiId,
        routeId: route.id,
        integrationId: context.integration?.id ?? "",
        requestId: context.interchangeId,
        status,
        isRefused,
        issues: outcome,
      });
  }
}
