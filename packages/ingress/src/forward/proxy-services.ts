/** What every proxied request of a node uses. */

import type { IngressErrorCode } from "@latchkey/core";
import type { LimitStep } from "../limits/limit-step.js";
import type { Accounting } from "../request/accounting.js";
import type { Admission } from "../request/admission.js";
import type { BufferedBytes } from "../request/buffered-bytes.js";
import type { Rejecter } from "../request/reject.js";
import type { RequestContext } from "../request/request-context.js";
import type { ResponseValidation } from "./response-validation.js";
import type { WebSockets } from "./web-sockets.js";

export interface ProxyServices {
  /** Bytes of a body that are read before a connection to the integration is taken. */
  readonly bodyBufferBytesMax: number;
  /** Bytes of a body that is read whole, because it is signed. */
  readonly wholeBodyBytesMax: number;
  readonly webSockets: WebSockets;
  /** Why a request that was admitted would not be any more, or null. @param nowMs monotonic */
  readonly lapseOf: (context: RequestContext, nowMs: number) => IngressErrorCode | null;
  readonly bufferedBytes: BufferedBytes;
  readonly admission: Admission;
  readonly limits: LimitStep;
  readonly rejecter: Rejecter;
  readonly accounting: Accounting;
  readonly responseValidation: ResponseValidation;
}
