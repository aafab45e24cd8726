/** How far the response to one request on uWebSockets.js is. Only forward, in this order; from each state to `aborted`. */
import type { ResponseState } from "./front-request.js";
import type { LingeringClose } from "./lingering-close.js";
import type { UwsBodyWriter } from "./uws-body-writer.js";

export type UwsResponseState =
  | { readonly kind: "open" }
  | HeldHead
  /** The head is with the library; the body follows in pieces. */
  | { readonly kind: "streaming"; readonly body: UwsBodyWriter }
  /** Everything was handed over, and the connection waits to be closed. Body null: there was none in pieces. */
  | { readonly kind: "closing"; readonly body: UwsBodyWriter | null; readonly linger: LingeringClose }
  | { readonly kind: "ended" }
  | { readonly kind: "aborted" };

/** The head waits for the end of the event-loop batch, so that head and body leave in one write. */
export interface HeldHead {
  readonly kind: "head-held";
  /** The status line without its version, and the header lines without framing. */
  readonly head: Uint8Array;
  /** A short first piece of the body; null: none came. */
  first: Uint8Array | null;
  /** `first` is the whole body. */
  isComplete: boolean;
}

export const OPEN: UwsResponseState = { kind: "open" };
export const ENDED: UwsResponseState = { kind: "ended" };
export const ABORTED: UwsResponseState = { kind: "aborted" };

/** What the gateway sees of it. */
export function responseStateOf({ kind }: UwsResponseState): ResponseState {
  switch (kind) {
    case "head-held":
    case "streaming":
      return "head-sent";
    case "closing":
      return "ended";
    default:
      return kind;
  }
}
