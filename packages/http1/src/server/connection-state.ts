// The life of a client connection of the front server, as a tagged union. What a state starts with is in `#transition` of
// server-connection.ts, the only place that assigns one. States without data are constants, so that a request allocates none.
//
//   head ──▶ body ──▶ respond ──▶ head …      a request with a body; one without goes from head to respond
//              │
//              └────▶ discard ──▶ head …      the response was complete before the body
//
//   respond ──▶ tunnel                        101: what follows is no HTTP
//
// From each of them a connection may go to linger, whose only way out is closed, and from each to closed.

export type ConnectionState =
  /** Between requests, or within a head. */
  | { readonly kind: "head" }
  /** Within the body of the current request. `awaitsContinue`: the client sends it only after 100 Continue. */
  | { readonly kind: "body"; readonly awaitsContinue: boolean }
  /** The request is complete or refused, its response is not: what arrives is the next request and waits. */
  | { readonly kind: "respond"; readonly isRefusal: boolean }
  /** Protocols were switched: bytes go both ways as they are. */
  | { readonly kind: "tunnel" }
  /** The response is complete, the request is not: the rest of its body is dropped. */
  | { readonly kind: "discard"; bytesDropped: number }
  /** The last response is on its way (RFC 9112 §9.6): everything that arrives is dropped. */
  | { readonly kind: "linger"; bytesDropped: number }
  | { readonly kind: "closed" };

export const HEAD: ConnectionState = { kind: "head" };
export const BODY: ConnectionState = { kind: "body", awaitsContinue: false };
export const BODY_AFTER_CONTINUE: ConnectionState = { kind: "body", awaitsContinue: true };
export const RESPOND: ConnectionState = { kind: "respond", isRefusal: false };
export const REFUSE: ConnectionState = { kind: "respond", isRefusal: true };
export const TUNNEL: ConnectionState = { kind: "tunnel" };
export const CLOSED: ConnectionState = { kind: "closed" };
