// Short ways to write rows. Only fills in what most rows share; what a row means stays visible in the row.
import { AUTH, KEY } from "./key.js";
import type {
  Condition,
  Forwarded,
  Need,
  Outcome,
  Reply,
  Response,
  Row,
  RowKind,
  Step,
  Topic,
} from "./row.js";
import type { Header } from "./wire.js";

interface RowDetail {
  readonly name: string;
  readonly clause: string;
  readonly why: string;
  /** A text is sent in one write. */
  readonly send: string | readonly (string | Step)[];
  readonly accept: Outcome | readonly Outcome[];
  readonly replies?: readonly Reply[];
  readonly visibleToHandler?: boolean;
  readonly shortTimeouts?: boolean;
  readonly headResponses?: readonly number[];
  readonly needs?: readonly Need[];
}

function rowOf(topic: Topic, kind: RowKind, detail: RowDetail): Row {
  const parts = typeof detail.send === "string" ? [detail.send] : detail.send;
  return {
    name: detail.name,
    topic,
    clause: detail.clause,
    kind,
    why: detail.why,
    steps: parts.map((part) => (typeof part === "string" ? { send: part } : part)),
    accept: Array.isArray(detail.accept) ? detail.accept : [detail.accept as Outcome],
    replies: detail.replies ?? [],
    visibleToHandler: detail.visibleToHandler ?? false,
    shortTimeouts: detail.shortTimeouts ?? false,
    headResponses: detail.headResponses ?? [],
    needs: detail.needs ?? [],
  };
}

/** The two makers of rows of one topic. */
export function rowsOf(topic: Topic) {
  return {
    letter: (detail: RowDetail): Row => rowOf(topic, "letter", detail),
    policy: (detail: RowDetail): Row => rowOf(topic, "policy", detail),
  };
}

/** A head: request line, a valid Host, the key, then the lines given. */
export function head(line: string, ...lines: string[]): string {
  return [`${line} HTTP/1.1`, "Host: a.example", AUTH, ...lines, "", ""].join("\r\n");
}

export function get(...lines: string[]): string {
  return head("GET /t", ...lines);
}

export function post(...lines: string[]): string {
  return head("POST /t", ...lines);
}

/** A whole POST with the body `hello`, with lines before its Content-Length. */
export function postHello(...lines: string[]): string {
  return `${post(...lines, "Content-Length: 5")}hello`;
}

export const CHUNKED = "Transfer-Encoding: chunked";

/** A POST whose chunked body is the raw text given. */
export function chunked(raw: string, ...lines: string[]): string {
  return `${post(...lines, CHUNKED)}${raw}`;
}

/** What must never be served: a whole request, with the key, hidden behind something else. */
export const SMUGGLED = `GET /smuggled HTTP/1.1\r\nHost: a.example\r\n${AUTH}\r\n\r\n`;

/** A request as the upstream should see it. */
export function seen(
  method: string,
  target: string,
  body = "",
  headers: readonly Header[] = [],
  optional: readonly string[] = [],
): Forwarded {
  return { method, target, headers, body, optional };
}

export const seenGet = seen("GET", "/t");
export const seenHello = seen("POST", "/t", "hello");

function response(
  status: number | readonly number[],
  body: Response["body"],
  rest: Partial<Response> = {},
): Response {
  return {
    status: typeof status === "number" ? [status] : status,
    body,
    interims: [],
    interimsAllowed: [],
    forbiddenHeaders: [],
    isCut: false,
    ...rest,
  };
}

/** A response the upstream gave. */
export function fromUpstream(rest: Partial<Response> = {}): Response {
  return response(200, "upstream", rest);
}

/** A response the gateway gave by itself. */
export function own(status: number | readonly number[], rest: Partial<Response> = {}): Response {
  return response(status, "own", rest);
}

export { AUTH, KEY, response };

type Fate = Outcome["fate"];

/** Refused before anything went upstream. */
export function refused(status: number | readonly number[], fate: Fate = "closed"): Outcome {
  return { responses: [own(status)], fate, upstream: [], incomplete: null };
}

/** Closed with no response and nothing upstream. */
export const closedSilently: Outcome = { responses: [], fate: "closed", upstream: [], incomplete: null };

/** Refused although the head may have gone upstream: what was begun there must not complete. */
export function refusedInBody(status: number | readonly number[], prefix = ""): Outcome {
  return { responses: [own(status)], fate: "closed", upstream: [], incomplete: prefix };
}

/** Cut in the body with no response. */
export function cutInBody(prefix = ""): Outcome {
  return { responses: [], fate: "closed", upstream: [], incomplete: prefix };
}

/** Forwarded, and the client has its response. */
export function passed(requests: Forwarded | readonly Forwarded[], fate: Fate = "kept"): Outcome {
  const upstream = Array.isArray(requests) ? (requests as readonly Forwarded[]) : [requests as Forwarded];
  return { responses: upstream.map(() => fromUpstream()), fate, upstream, incomplete: null };
}

/** Waits for any of the conditions. */
export function until(...conditions: Condition[]): Step {
  return { until: conditions };
}

/** The same, but goes on after a moment: a gateway need not bring it about. */
export function untilOrSoon(...conditions: Condition[]): Step {
  return { until: conditions, patienceMs: 300 };
}
