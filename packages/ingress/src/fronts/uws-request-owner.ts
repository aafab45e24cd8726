/** What the engine on uWebSockets.js and its requests know of each other. */
import type { EngineRefusalCode } from "./engine-refusal-code.js";
import type { EngineLimits, EngineRefusal, FrontRequest } from "./front-request.js";
import type { UwsResponse } from "./uws-types.js";

/** A request, as its engine sees it. */
export interface OwnedRequest extends FrontRequest {
  /** What its client is counted as. */
  readonly client: string;
  /** Writes what is pending; inside a cork. */
  corked(): void;
  /** When the event-loop batch ends: what was held back goes out. */
  flush(): void;
  /** From the engine's clock. */
  tick(nowMs: number): void;
}

/** The engine, as its requests see it. */
export interface UwsRequestOwner {
  readonly isDraining: boolean;
  readonly isInsideLibrary: boolean;
  readonly isTls: boolean;
  readonly limits: EngineLimits;
  /** Runs the request's pending write with the socket corked. */
  cork(res: UwsResponse, request: OwnedRequest): void;
  /** Its head may wait until the end of this event-loop batch for a body to leave with, and for its neighbors. */
  flushLater(request: OwnedRequest): void;
  /** `tick` is called until it is over. */
  watch(request: OwnedRequest): void;
  /** The parser may see another message in these bytes than we do: nothing more of the connection is used. */
  refuse(
    request: OwnedRequest,
    code: EngineRefusalCode,
    detail?: string,
    isHandedOn?: boolean,
  ): EngineRefusal;
  /** It is over. */
  finished(request: OwnedRequest, isWatched: boolean): void;
}
