// What a connection needs of its server.

import type { BodyLimits } from "../codec/body-decoder.js";
import type { RequestRules } from "../codec/request-parser.js";
import type { ServerTicks } from "./connection-deadlines.js";
import type { ConnectionMemo } from "./connection-memo.js";
import type { ResolvedServerOptions } from "./server-options.js";

export interface ConnectionServer<Connection, M extends ConnectionMemo> {
  readonly options: ResolvedServerOptions<M>;
  readonly rules: RequestRules;
  readonly bodyLimits: BodyLimits;
  readonly ticks: ServerTicks;
  /** Bytes of a request body that must come within `ticks.bodyIdle`. */
  readonly bodyBytesPerWindow: number;
  /** Connections end after their current response. */
  readonly closing: boolean;
  connectionClosed(connection: Connection): void;
  /** No tick before this one is of interest to the connection. 0: each is. */
  restUntil(connection: Connection, tick: number): void;
}
