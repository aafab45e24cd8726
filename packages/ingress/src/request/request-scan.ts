/** One pass over the header lines of a request: what the gateway needs to know, and what goes on upstream. */
import { foldedName, hideApiKeys, isToken, withoutConsoleCookies } from "@latchkey/core";
import { SharedHeaders } from "@latchkey/http1";
import {
  type CarriedForwarding,
  carriedFromForwarded,
  carriedFromForwardedFor,
  type TrustedProxyHeader,
} from "../forward/carried-forwarding.js";
import { connectionOptions, dropNamed, isPlainConnection } from "../forward/connection-header.js";
import type { KeyRef } from "../table/key-entry.js";
import { HeaderClass, type HeaderClasses, SINGLE_VALUED, VARIANT } from "./header-classes.js";

const AUTHORIZATION: ReadonlySet<string> = new Set(["authorization"]);

interface KeyTable {
  find(secret: string): KeyRef | null;
}

/** May be that of several requests: nothing of it is changed for one. */
export class RequestScan {
  /** End-to-end lines, in order: they go on upstream. */
  readonly passed: SharedHeaders;
  /** The header that the peer writes, being a trusted proxy; null when it is none. */
  readonly proxyHeader: TrustedProxyHeader | null;
  /** Why the request is refused whatever it is for: a public sentence, or null. */
  fault: string | null = null;
  /** The fault is in `Connection` itself: the connection takes no further request. */
  isConnectionMalformed = false;
  key: string | null = null;
  hasWebhookFlag = false;
  interchangeId: string | null = null;
  traceparent: string | null = null;
  tracestate: string | null = null;
  contentType: string | null = null;
  /** Of several lines, joined. */
  contentEncoding: string | null = null;
  authorization: string | null = null;
  /** Of a trusted proxy. */
  carried: CarriedForwarding | null = null;
  /** Of several lines, joined: the gateway's own comes behind them (RFC 9110 §7.6.3). */
  via: string | null = null;
  /** Of several lines, joined. */
  cdnLoop: string | null = null;
  /** An `Expect` that is not `100-continue`. */
  hasUnknownExpectation = false;
  /** `Max-Forwards: 0`: an OPTIONS request must not go on (RFC 9110 §7.6.2). */
  isLastHop = false;
  #withoutAuthorization: SharedHeaders | null = null;
  /** Where `key` led in this table. */
  #keyRef: KeyRef | null = null;
  #table: KeyTable | null = null;

  constructor(passed: SharedHeaders, proxyHeader: TrustedProxyHeader | null) {
    this.passed = passed;
    this.proxyHeader = proxyHeader;
  }

  /** Where the key leads, or null. Looked up once as long as that lives; the table has the last word on what is new. */
  keyRefIn(table: KeyTable): KeyRef | null {
    if (this.#table === table && this.#keyRef !== null && this.#keyRef.key !== null) return this.#keyRef;
    this.#table = table;
    this.#keyRef = this.key === null ? null : table.find(this.key);
    return this.#keyRef;
  }

  /** What goes on to an integration that the client's bearer token is not for. */
  get withoutAuthorization(): SharedHeaders {
    if (this.authorization === null) return this.passed;
    if (this.#withoutAuthorization === null) {
      const list = this.passed.list.slice();
      dropNamed(list, AUTHORIZATION);
      this.#withoutAuthorization = new SharedHeaders(list);
    }
    return this.#withoutAuthorization;
  }
}

/** What a connection remembers of its scans. */
export interface ScanMemo {
  /** @param headers of a request; its header block was read before if it is the same list */
  scanOf(headers: readonly string[], proxyHeader: TrustedProxyHeader | null): RequestScan | null;
  keepScan(headers: readonly string[], scan: RequestScan): void;
}

/**
 * HOT. Taken from the memo where the header block is the last one.
 * @param headers names in lower case
 * @param memo of the connection; null: the front knows no connections
 * @param proxyHeader the peer is a trusted proxy, and what it says in this header is carried on; null: it is none
 */
export function scanHeaders(
  headers: readonly string[],
  memo: ScanMemo | null,
  classes: HeaderClasses,
  proxyHeader: TrustedProxyHeader | null,
): RequestScan {
  const known = memo === null ? null : memo.scanOf(headers, proxyHeader);
  if (known !== null) return known;
  const scan = scanAnew(headers, classes, proxyHeader);
  if (memo !== null) memo.keepScan(headers, scan);
  return scan;
}

function scanAnew(
  headers: readonly string[],
  classes: HeaderClasses,
  proxyHeader: TrustedProxyHeader | null,
): RequestScan {
  const passed: string[] = [];
  const scan = new RequestScan(new SharedHeaders(passed), proxyHeader);
  const writesForwardedFor = proxyHeader === "x-forwarded-for";
  let connection: string | null = null;
  let forwarded: string[] | null = null;
  let forwardedFor: string | null = null;
  let forwardedProto: string | null = null;
  let forwardedHost: string | null = null;
  let seen = 0;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    const value = headers[i + 1] as string;
    const found = classes.of(name);
    const bit = (1 << (found & ~VARIANT)) & SINGLE_VALUED;
    if ((seen & bit) !== 0) scan.fault = `The header ${foldedName(name)} was sent more than once.`;
    seen |= bit;
    switch (found) {
      case HeaderClass.pass:
        passed.push(name, value);
        break;
      case HeaderClass.key:
        scan.key = value;
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
      case HeaderClass.forwarded:
        if (proxyHeader === "forwarded") {
          forwarded ??= [];
          forwarded.push(value);
        }
        break;
      case HeaderClass.forwardedFor:
        if (writesForwardedFor) forwardedFor = joined(forwardedFor, value);
        break;
      case HeaderClass.forwardedProto:
        if (writesForwardedFor) forwardedProto = joined(forwardedProto, value);
        break;
      case HeaderClass.forwardedHost:
        if (writesForwardedFor) forwardedHost = joined(forwardedHost, value);
        break;
      case HeaderClass.forwardedOther:
        if (writesForwardedFor) passed.push(name, value);
        break;
      case HeaderClass.via:
        scan.via = joined(scan.via, value);
        break;
      case HeaderClass.cdnLoop:
        scan.cdnLoop = joined(scan.cdnLoop, value);
        passed.push(name, value);
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
      case HeaderClass.contentEncoding:
        scan.contentEncoding = joined(scan.contentEncoding, value);
        passed.push(name, value);
        break;
      case HeaderClass.authorization:
        scan.authorization = value;
        passed.push(name, value);
        break;
      case HeaderClass.cookie: {
        const others = withoutConsoleCookies(value);
        if (others !== "") passed.push(name, others);
        break;
      }
      case HeaderClass.keyless:
        if (hideApiKeys(value) === value) passed.push(name, value);
        break;
      default:
        break; // dropped, framing, or a variant
    }
  }
  if (scan.tracestate !== null && hideApiKeys(scan.tracestate) !== scan.tracestate) scan.tracestate = null;
  if (forwarded !== null) scan.carried = carriedFromForwarded(forwarded);
  else if (forwardedFor !== null || forwardedProto !== null || forwardedHost !== null)
    scan.carried = carriedFromForwardedFor(forwardedFor, forwardedProto, forwardedHost);
  if (connection !== null && !isPlainConnection(connection))
    applyConnection(scan, passed, connection, classes);
  return scan;
}

/** Takes out what `Connection` names; refuses it where it names what belongs to the whole message (RFC 9110 §7.6.1). */
function applyConnection(
  scan: RequestScan,
  passed: string[],
  connection: string,
  classes: HeaderClasses,
): void {
  const options = connectionOptions(connection);
  for (const option of options) {
    // Elements of a list may be empty (RFC 9110 §5.6.1.2). The strict front refuses what is no token by itself.
    if (option !== "" && !isToken(option)) {
      scan.fault = "Connection has an option that is not a name.";
      scan.isConnectionMalformed = true;
      return;
    }
    if (classes.isNameable(option)) continue;
    scan.fault = `Connection names ${foldedName(option)}, which is not for one hop only.`;
    return;
  }
  dropNamed(passed, options);
}

function joined(before: string | null, value: string): string {
  return before === null ? value : `${before}, ${value}`;
}

function isTrue(value: string): boolean {
  return value === "true" || value.toLowerCase() === "true";
}
