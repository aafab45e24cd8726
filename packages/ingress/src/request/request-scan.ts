/** HOT. One pass over the header lines of a request: what the gateway needs to know, and what goes on upstream. */
import { dropNamed, isPlainConnection } from "../forward/connection-header.js";
import { HeaderClass, type HeaderClasses } from "./header-classes.js";

export class RequestScan {
  /** End-to-end lines, flat, in order: the beginning of the upstream request's header list. */
  readonly passed: string[] = [];
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
  /** An `Expect` that is not `100-continue`. */
  hasUnknownExpectation = false;
  /** `Max-Forwards: 0`: an OPTIONS request must not go on (RFC 9110 §7.6.2). */
  isLastHop = false;
}

/**
 * HOT.
 * @param headers flat, names in lower case
 * @param isTrusted the peer is a trusted proxy: its forwarding headers are carried on
 */
export function scanHeaders(
  headers: readonly string[],
  classes: HeaderClasses,
  isTrusted: boolean,
): RequestScan {
  const scan = new RequestScan();
  let connection: string | null = null;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    const value = headers[i + 1] as string;
    switch (classes.of(name)) {
      case HeaderClass.pass:
        scan.passed.push(name, value);
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
        if (isTrusted) scan.passed.push(name, value);
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
        scan.passed.push(name, value);
        break;
      case HeaderClass.authorization:
        scan.authorization = value;
        scan.passed.push(name, value);
        break;
    }
  }
  if (connection !== null && !isPlainConnection(connection)) dropNamed(scan.passed, connection);
  return scan;
}

function joined(before: string | null, value: string): string {
  return before === null ? value : `${before}, ${value}`;
}

function isTrue(value: string): boolean {
  return value === "true" || value.toLowerCase() === "true";
}
