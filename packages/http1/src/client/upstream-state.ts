// The life of a connection to an origin, as a tagged union. `#transition` of upstream-connection.ts is the only place that
// assigns one, together with how long it may last. The states are constants, so that a request allocates none.
//
//   connecting ──▶ idle ──▶ sending ──▶ waiting ──▶ body ──▶ idle …
//
// The response may come while the request is being sent. From each state a connection may go to closed.

import type { UpstreamErrorCode } from "./upstream-client.js";

export type UpstreamState =
  | { readonly kind: "connecting" }
  /** No request is on it. */
  | { readonly kind: "idle" }
  /** A request is being sent. `isStuck`: the origin reads slower than it is sent to. */
  | { readonly kind: "sending"; readonly isStuck: boolean }
  /** The request is sent, the head of its response has not come. */
  | { readonly kind: "waiting" }
  /** The request could not be sent to its end: only a response that has arrived already can follow. */
  | { readonly kind: "cutShort" }
  /** The body of the response is being read. `isPaused`: its handler takes no more. */
  | { readonly kind: "body"; readonly isPaused: boolean }
  | { readonly kind: "closed" };

export const CONNECTING: UpstreamState = { kind: "connecting" };
export const IDLE: UpstreamState = { kind: "idle" };
export const SENDING: UpstreamState = { kind: "sending", isStuck: false };
export const STUCK: UpstreamState = { kind: "sending", isStuck: true };
export const WAITING: UpstreamState = { kind: "waiting" };
export const CUT_SHORT: UpstreamState = { kind: "cutShort" };
export const READING: UpstreamState = { kind: "body", isPaused: false };
export const PAUSED: UpstreamState = { kind: "body", isPaused: true };
export const CLOSED: UpstreamState = { kind: "closed" };

export interface Timeout {
  readonly code: UpstreamErrorCode;
  readonly detail: string;
}

/** What a request fails with when its connection stays too long in a state. Null: it has no request. */
export function timeoutOf(state: UpstreamState): Timeout | null {
  switch (state.kind) {
    case "sending":
      return { code: "send_timeout", detail: "the origin does not read the request" };
    case "waiting":
      return { code: "head_timeout", detail: "no response head in time" };
    case "cutShort":
      return { code: "connection_lost", detail: "the origin does not take the request" };
    case "body":
      return state.isPaused
        ? { code: "reader_timeout", detail: "the response was paused for too long" }
        : { code: "body_timeout", detail: "the response stands still" };
    default:
      return null;
  }
}
