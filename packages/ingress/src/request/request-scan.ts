/** HOT. One pass over the header lines of a request: what the gateway needs to know, and what goes on upstream. */
import { Fields } from "@latchkey/http1";
import { dropNamed, isPlainConnection } from "../forward/connection-header.js";
import type { SecretSlot } from "../table/key-entry.js";
import { HeaderClass, type HeaderClasses } from "./header-classes.js";

/** Belongs to lines that may come again: nothing of it is changed for one request. */
export class RequestScan {
  /** End-to-end lines, in order: they go on upstream. */
  readonly passed: Fields;
  /** Whether the peer was a trusted proxy. */
  readonly isTrusted: boolean;
  key: string | null = null;
  keyCount = 0;
  hasWebhookFlag = false;
  interchangeId: string | null = null;
  traceparent: string | null = null;
  tracestate: string | null = null;
  contentType: string | null = null;
  authorization: string | null = null;
  /** Of several lines, joined. Null unless the peer is trusted. */
  forwardedFor: string | null = null;
  forwarded: string | null = null;
  forwardedProto: string | null = null;
  forwardedHost: string | null = null;
  /** Of several lines, joined: the gateway's own comes behind them (RFC 9110 §7.6.3). */
  via: string | null = null;
  /** An `Expect` that is not `100-continue`. */
  hasUnknownExpectation = false;
  /** `Max-Forwards: 0`: an OPTIONS request must not go on (RFC 9110 §7.6.2). */
  isLastHop = false;
  /** What the gateway says of the client that sent these lines, and the host that it is true of. */
  clientFields: Fields | null = null;
  clientHost = "";
  #slot: SecretSlot | null = null;
  #tableNumber = 0;
  /** The generation of unknown secrets that the key was one of; 0: none. */
  #unknownIn = 0;

  constructor(passed: Fields, isTrusted: boolean) {
    this.passed = passed;
    this.isTrusted = isTrusted;
  }

  /** Where the key led the last time; null when it has to be looked up. By number, so that no old table is held. */
  slotOf(tableNumber: number): SecretSlot | null {
    const slot = this.#slot;
    return slot !== null && slot.key !== null && this.#tableNumber === tableNumber ? slot : null;
  }

  remember(slot: SecretSlot, tableNumber: number): void {
    this.#slot = slot;
    this.#tableNumber = tableNumber;
  }

  /** The key led nowhere the last time, and no secret has become known since. */
  isUnknown(generation: number): boolean {
    return this.#unknownIn === generation;
  }

  rememberUnknown(generation: number): void {
    this.#unknownIn = generation;
  }
}

/**
 * HOT. Made once for lines that come again.
 * @param fields names in lower case
 * @param isTrusted the peer is a trusted proxy: its forwarding headers are carried on
 */
export function scanHeaders(fields: Fields, classes: HeaderClasses, isTrusted: boolean): RequestScan {
  const { derived } = fields;
  if (derived instanceof RequestScan && derived.isTrusted === isTrusted) return derived;
  const scan = scanAnew(fields.list, classes, isTrusted);
  fields.derived = scan;
  return scan;
}

function scanAnew(headers: readonly string[], classes: HeaderClasses, isTrusted: boolean): RequestScan {
  const passed: string[] = [];
  const scan = new RequestScan(new Fields(passed), isTrusted);
  let connection: string | null = null;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    const value = headers[i + 1] as string;
    switch (classes.of(name)) {
      case HeaderClass.pass:
        passed.push(name, value);
        break;
      case HeaderClass.drop:
        break; // Host is one of them: engines tell it with the head
      case HeaderClass.key:
        scan.key = value;
        scan.keyCount++;
        break;
      case HeaderClass.webhookFlag:
        scan.hasWebhookFlag = isTrue(value);
        break;
      case HeaderClass.interchangeId:
        scan.interchangeId = scan.interchangeId === null ? value : ""; // twice is no valid form
        break;
      case HeaderClass.traceparent:
        scan.traceparent = scan.traceparent === null ? value : "";
        break;
      case HeaderClass.tracestate:
        scan.tracestate = joined(scan.tracestate, value);
        break;
      case HeaderClass.forwardedFor:
        if (isTrusted) scan.forwardedFor = joined(scan.forwardedFor, value);
        break;
      case HeaderClass.forwarded:
        if (isTrusted) scan.forwarded = joined(scan.forwarded, value);
        break;
      case HeaderClass.forwardedProto:
        if (isTrusted) scan.forwardedProto = value;
        break;
      case HeaderClass.forwardedHost:
        if (isTrusted) scan.forwardedHost = value;
        break;
      case HeaderClass.forwardedOther:
        if (isTrusted) passed.push(name, value);
        break;
      case HeaderClass.via:
        scan.via = joined(scan.via, value);
        break;
      case HeaderClass.expect:
        if (value.toLowerCase() !== "100-continue") scan.hasUnknownExpectation = true;
        break;
      case HeaderClass.maxForwards:
        if (Number(value) === 0 && value !== "") scan.isLastHop = true;
        break; // means something to OPTIONS and TRACE only, and upstream the method is the integration's
      case HeaderClass.connection:
        connection = joined(connection, value);
        break;
      case HeaderClass.contentType:
        scan.contentType = value;
        passed.push(name, value);
        break;
      case HeaderClass.authorization:
        scan.authorization = value;
        passed.push(name, value);
        break;
    }
  }
  if (connection !== null && !isPlainConnection(connection)) dropNamed(passed, connection);
  return scan;
}

function joined(before: string | null, value: string): string {
  return before === null ? value : `${before}, ${value}`;
}

function isTrue(value: string): boolean {
  return value === "true" || value.toLowerCase() === "true";
}
