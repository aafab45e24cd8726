// What the suite needs of a gateway under test: to be started in front of many upstreams, one for each row, chosen
// by API key; and to say what it does to a request on its way, so that the upstream's bytes can be checked.
import type { Forwarded, Need, Row } from "./row.js";
import type { Header } from "./wire.js";

/** One row's place behind a gateway: requests with this key go to this port of 127.0.0.1. */
export interface Origin {
  readonly key: string;
  readonly port: number;
}

export interface RunningTarget {
  readonly port: number;
  /** A listener whose time limits on one side are `shortTimeoutMs`, or as near as the product goes. */
  readonly shortPort: number;
  /** "nginx 1.22.1" */
  readonly version: string;
  /** False once the process died of itself. */
  isAlive(): boolean;
  stop(): Promise<void>;
}

/** What must arrive upstream for one forwarded request. */
export interface ExpectedRequest {
  readonly method: string;
  /** One of these. */
  readonly targets: readonly string[];
  /** Must arrive exactly so; a repeated name may have been joined by commas. */
  readonly headers: readonly Header[];
  /** May arrive besides, at most once, with a value of this form. Nothing else may. */
  readonly added: ReadonlyMap<string, RegExp>;
  readonly body: string;
}

/** The time limits of the short listener, in milliseconds: one side's are short, the other's are out of the way. */
export interface ShortTimeouts {
  /** Head, body and idle connections of the client. */
  readonly clientMs: number;
  /** Head and body of the upstream's response. */
  readonly upstreamMs: number;
}

export interface Target {
  readonly name: string;
  readonly can: ReadonlySet<Need>;
  /** It ends connections that others keep; that is met when its last response says so. */
  readonly maySayClose?: boolean;
  /** Longest wait for a row with short timeouts. */
  readonly slowDeadlineMs: number;
  start(origins: readonly Origin[], timeouts: ShortTimeouts): Promise<RunningTarget>;
  /** The documented rewriting. */
  rewrite(request: Forwarded, row: Row): ExpectedRequest;
}

/** In milliseconds. */
const shortTimeoutMs = 1_000;
/** Time limits of the ordinary listener: far above any wait of a row, so that a busy machine changes nothing. */
export const longTimeoutMs = 30_000;
export const shortClient: ShortTimeouts = { clientMs: shortTimeoutMs, upstreamMs: longTimeoutMs };
export const shortUpstream: ShortTimeouts = { clientMs: longTimeoutMs, upstreamMs: shortTimeoutMs };
export const ordinaryTimeouts: ShortTimeouts = { clientMs: longTimeoutMs, upstreamMs: longTimeoutMs };
/** Bounds set alike wherever a product has them; rows of the topic `limits` stay clearly on one side. */
export const bodyBytesMax = 64 * 1024;
