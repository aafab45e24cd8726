// The shape of a row: one hostile or odd exchange, the clause it comes from, and every outcome that may be
// accepted. Rows are data; nothing here runs. Bytes are latin1 text, one char a byte; the key in
// them is a stand-in (key.ts).
import type { Header } from "./wire.js";

/**
 * `letter`: the RFC's grammar, a MUST or a MUST NOT decides; every recipient has to meet it.
 * `policy`: the RFC leaves the choice (MAY, SHOULD, silence), and this is Latchkey's documented one.
 */
export type RowKind = "letter" | "policy";

export const topics = [
  "framing-length",
  "framing-chunked",
  "framing-coding",
  "request-line",
  "headers",
  "host",
  "targets",
  "paths",
  "methods",
  "expect",
  "connection",
  "pipelining",
  "early-responses",
  "no-content",
  "limits",
  "slow",
  "abort",
  "gateway",
  "upstream-framing",
  "upstream-head",
  "upstream-connection",
] as const;
export type Topic = (typeof topics)[number];

/** What a row waits for before it goes on; each is a state that can be seen, never a time. */
export type Condition =
  /** The upstream has a complete request head (of the row's n-th request, counted from 1). */
  | { readonly upstreamHeads: number }
  | { readonly upstreamBodyBytes: number }
  /** Final responses seen by the client. */
  | { readonly responses: number }
  /** Interim responses seen by the client. */
  | { readonly interims: number }
  | { readonly clientBodyBytes: number }
  /** The gateway gave up every upstream connection that a request of the row was on. */
  | { readonly upstreamLost: true }
  /** The gateway ended the client's connection. */
  | { readonly closed: true };

export type Step =
  | { readonly send: string }
  /** One byte a write, so that the message arrives in as many pieces as the network allows. */
  | { readonly sendBytewise: string }
  /** Sends the text again and again with a pause, until a response or the end of the connection. */
  | { readonly drip: string; readonly everyMs: number }
  | { readonly until: readonly Condition[]; readonly patienceMs?: number }
  | { readonly release: true }
  | { readonly halfClose: true }
  | { readonly reset: true };

/** What the upstream does with the n-th request of the row. Without one it responds with 200 and a marker. */
export interface Reply {
  /** When: the request is complete (default), its head is there, so many body bytes are, or the row says so. */
  readonly on?: "complete" | "head" | "released" | { readonly bodyBytes: number };
  /**
   * Raw response; `{{marker}}` and `{{markerLength}}` are replaced. Sent in as many writes as there are texts. What
   * follows the final head is left out when the upstream was asked with HEAD.
   */
  readonly bytes: string | readonly string[];
  readonly after?: "keep" | "close" | "reset";
  /** Sent again and again until the gateway gives up. */
  readonly drip?: { readonly text: string; readonly everyMs: number };
}

/** A request as it should reach the upstream, before what each gateway is documented to rewrite. */
export interface Forwarded {
  readonly method: string;
  readonly target: string;
  /** End-to-end headers that must arrive exactly so, in this order for equal names. */
  readonly headers: readonly Header[];
  readonly body: string;
  /** Headers that may arrive as well, or not at all. */
  readonly optional: readonly string[];
}

export interface Response {
  readonly status: readonly number[];
  /** `upstream`: the body is the marker of this request. `own`: the gateway's. `any`: not looked at. */
  readonly body: "upstream" | "own" | "none" | "any" | { readonly text: string };
  /** Interim statuses that must have come before, in order. */
  readonly interims: readonly number[];
  /** Interim statuses that may have come besides. */
  readonly interimsAllowed: readonly number[];
  readonly forbiddenHeaders: readonly string[];
  /** The response must end before it is complete, so that the client can tell. */
  readonly isCut: boolean;
}

export interface Outcome {
  readonly responses: readonly Response[];
  /** `kept`: a valid request on the same connection gets a response. `closed`: it ends, and nothing more is read. */
  readonly fate: "kept" | "closed" | "any";
  /** Exactly these complete requests, in any order between connections. */
  readonly upstream: readonly Forwarded[];
  /** A request that must not complete may have begun to arrive; its body must be a beginning of this. */
  readonly incomplete: string | null;
}

/** What a target must be able to do for a row to be asked of it. */
export type Need = "gateway" | "limits" | "body-limit" | "reads-timeouts";

export interface Row {
  readonly name: string;
  readonly topic: Topic;
  readonly clause: string;
  readonly kind: RowKind;
  readonly why: string;
  readonly steps: readonly Step[];
  /** The first is what the strict engine does; the others are as right by the RFC. */
  readonly accept: readonly Outcome[];
  readonly replies: readonly Reply[];
  /** A handler behind a lenient parser can still tell that something is wrong. */
  readonly visibleToHandler: boolean;
  /** Runs against listeners whose time limits are a second. */
  readonly shortTimeouts: boolean;
  /** Whether the n-th final response is to a HEAD request. */
  readonly headResponses: readonly number[];
  readonly needs: readonly Need[];
}
