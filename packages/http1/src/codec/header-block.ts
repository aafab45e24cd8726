// The field section of a request as it was read: a client that goes on asking says the same lines again and again,
// behind another request line.

import type { Fields } from "./fields.js";

/** What the field section of an HTTP/1.1 request says. Never changed, and shared by all requests that say the same. */
export interface HeaderBlock {
  readonly fields: Fields;
  /** -1 when there is none. */
  readonly contentLength: number;
  readonly chunked: boolean;
  readonly connectionClose: boolean;
  readonly connectionKeepAlive: boolean;
  readonly connectionNames: readonly string[];
  readonly expectContinue: boolean;
  /** Index of the field `Host`; -1 when there is none. */
  readonly hostField: number;
}
