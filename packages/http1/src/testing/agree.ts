// The promise of the differential tests: whatever this codec accepts, llhttp reads in the same way. It may refuse
// more than llhttp does, never less, and never read different messages out of the same bytes.

import { llhttpRequests, llhttpResponse } from "./llhttp.js";
import { type ReadRequest, readRequests, readResponse, TEST_RULES } from "./read-messages.js";

/** llhttp refuses or misses a response here that the RFCs allow. */
export function llhttpStricter(bytes: Buffer): boolean {
  return beyondLlhttp(bytes) || INTERIM_CLOSE.test(bytes.toString("latin1"));
}

/** Methods llhttp knows; it refuses every other, which is no disagreement about framing. */
const LLHTTP_METHODS =
  /^(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|TRACE|PATCH|COPY|LOCK|MKCOL|MOVE|PROPFIND|PROPPATCH|SEARCH|UNLOCK|BIND|REBIND|UNBIND|ACL|REPORT|MKACTIVITY|CHECKOUT|MERGE|M-SEARCH|NOTIFY|SUBSCRIBE|UNSUBSCRIBE|PURGE|MKCALENDAR|LINK|UNLINK|SOURCE|QUERY)$/;

/** llhttp refuses a tab after a length or coding, which is optional white space like any other (RFC 9110 §5.6.3). */
const FRAMING_THEN_TAB = /(?:content-length:[ \t]*\d+|transfer-encoding:[ \t]*chunked)[ \t]*\t/i;

/** llhttp refuses white space around a chunk extension; a recipient must remove it (RFC 9112 §7.1.1). */
const EXTENSION_BLANK = /\r\n[0-9a-f]+(?=[ \t;])[^\r\n]*[ \t]/i;

/** The bytes use something that the RFCs allow and llhttp does not. */
function beyondLlhttp(bytes: Buffer): boolean {
  const text = bytes.toString("latin1");
  return FRAMING_THEN_TAB.test(text) || EXTENSION_BLANK.test(text.replace(/"[^"\r\n]*"/g, ""));
}

/** llhttp lets `Connection`, or version 1.0, in an interim response end the connection before the final one; here it says nothing. */
const INTERIM_CLOSE = /(?:^|\n)HTTP\/1\.(?:0 1\d\d|1 1\d\d.*\r\n(?:.+\r\n)*?connection:)/i;

/** llhttp hands the target over as it came; this codec takes it apart. */
function targetMatches(url: string, ours: ReadRequest): boolean {
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  if ((mark < 0 ? "" : url.slice(mark + 1)) !== ours.query) return false;
  if (!/^https?:/i.test(path)) return path === ours.path;
  const rest = path.replace(/^https?:\/\/[^/]*/i, "");
  return rest === ours.path || (rest === "" && (ours.path === "/" || ours.path === "*"));
}

/** A sentence about the first disagreement over requests, or null. */
export async function requestDisagreement(bytes: Buffer): Promise<string | null> {
  const ours = readRequests([bytes], TEST_RULES);
  const accepted = ours.messages.filter((message) => message.complete);
  if (accepted.length === 0 || beyondLlhttp(bytes)) return null;
  const oracle = await llhttpRequests(bytes);
  for (let i = 0; i < accepted.length; i++) {
    const our = accepted[i]!;
    if (!LLHTTP_METHODS.test(our.method)) return null;
    const theirs = oracle.messages[i];
    if (theirs === undefined || !theirs.complete) {
      return `request ${i} (${our.method} ${our.path}) is accepted here and not by llhttp`;
    }
    if (theirs.method !== our.method) return `request ${i}: method ${our.method}, llhttp ${theirs.method}`;
    if (!targetMatches(theirs.url, our))
      return `request ${i}: target ${our.path}?${our.query}, llhttp ${theirs.url}`;
    if (JSON.stringify(theirs.headers) !== JSON.stringify(our.headers)) {
      return `request ${i}: headers ${JSON.stringify(our.headers)}, llhttp ${JSON.stringify(theirs.headers)}`;
    }
    if (theirs.body !== our.body) {
      return `request ${i}: body ${JSON.stringify(our.body)}, llhttp ${JSON.stringify(theirs.body)}`;
    }
    // Neither reads on after a request that ends the connection; node:http does not show what follows.
    if (closes(our)) return null;
  }
  return null;
}

function closes(message: ReadRequest): boolean {
  if (message.minorVersion === 0) return true;
  const { headers } = message;
  return headers.some((item, i) => {
    const option = headers[i + 1] ?? "";
    return i % 2 === 0 && (item === "connection" ? /close|upgrade/i.test(option) : item === "upgrade");
  });
}

/** The same over the first final response. */
export async function responseDisagreement(bytes: Buffer, method: string): Promise<string | null> {
  const ours = readResponse([bytes], method === "HEAD", TEST_RULES);
  const our = ours.messages[0];
  if (our === undefined || !our.complete || ours.fault !== null || beyondLlhttp(bytes)) return null;
  // What follows a complete response is nobody's: the client drops the connection.
  const theirs = await llhttpResponse(bytes.subarray(0, ours.taken), method);
  if (theirs === null) {
    return llhttpStricter(bytes) ? null : "a response is accepted here and not by llhttp";
  }
  if (theirs.status !== our.status) return `status ${our.status}, llhttp ${theirs.status}`;
  if (theirs.statusText !== our.statusText) return `reason ${our.statusText}, llhttp ${theirs.statusText}`;
  if (JSON.stringify(theirs.headers) !== JSON.stringify(our.headers)) {
    return `headers ${JSON.stringify(our.headers)}, llhttp ${JSON.stringify(theirs.headers)}`;
  }
  if (!theirs.complete) return "a response is complete here and not for llhttp";
  if (theirs.body !== our.body) {
    return `body ${JSON.stringify(our.body)}, llhttp ${JSON.stringify(theirs.body)}`;
  }
  return null;
}
