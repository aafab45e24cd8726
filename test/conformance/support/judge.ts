// Holds what was seen against what may be accepted, and says in a few words what was wrong.
import { withKey } from "./key.js";
import { markerOf, type UpstreamRecorder } from "./recorder.js";
import type { Forwarded, Outcome, Response, Row } from "./row.js";
import type { ClientView } from "./run-row.js";
import type { ExpectedRequest, Target } from "./target.js";
import { bodyText, statusOf, valuesOf, type WireMessage } from "./wire.js";

export interface Verdict {
  readonly isMet: boolean;
  /** The first accepted outcome: what the strict engine is held to. */
  readonly isPreferred: boolean;
  /** Closed with no response, and nothing went upstream: safe, whatever the row wanted. */
  readonly isSilentRefusal: boolean;
  /** A request that the client did not send reached the upstream. */
  readonly isSmuggled: boolean;
  /** What was seen: "400, closed". */
  readonly seen: string;
  /** Why it is not met; empty when it is. */
  readonly problem: string;
}

export function judge(
  written: Row,
  key: string,
  target: Target,
  view: ClientView,
  recorder: UpstreamRecorder,
): Verdict {
  const row = keyed(written, key);
  const problems = row.accept.map((outcome) => problemOf(outcome, row, target, view, recorder));
  const isMet = problems.some((problem) => problem === null);
  return {
    isMet,
    isPreferred: problems[0] === null,
    isSilentRefusal: isSilentRefusal(view, recorder),
    isSmuggled: isSmuggled(row, view, recorder),
    seen: seenOf(view, recorder),
    problem: isMet ? "" : nearest(problems),
  };
}

/** The row as it was played, with its own key in the bodies that hold one. */
function keyed(row: Row, key: string): Row {
  const accept = row.accept.map((outcome) => ({
    ...outcome,
    incomplete: outcome.incomplete === null ? null : withKey(outcome.incomplete, key),
    upstream: outcome.upstream.map((one) => ({
      ...one,
      target: withKey(one.target, key),
      body: withKey(one.body, key),
    })),
  }));
  return { ...row, accept };
}

function isSilentRefusal(view: ClientView, recorder: UpstreamRecorder): boolean {
  const isSilent = view.responses.length === 0 && view.fault === null && view.fate === "closed";
  return (
    isSilent &&
    recorder.requests.length === 0 &&
    recorder.faults.length === 0 &&
    recorder.probes("probe") === 0
  );
}

/** A problem, and how far the comparison got before it: the outcome that fits best tells the most. */
interface Problem {
  readonly stage: 0 | 1 | 2;
  readonly text: string;
}

function nearest(problems: readonly (Problem | null)[]): string {
  const sorted = problems.filter((problem) => problem !== null).sort((a, b) => b.stage - a.stage);
  return sorted[0]?.text ?? "";
}

function at(stage: Problem["stage"], text: string | null): Problem | null {
  return text === null ? null : { stage, text };
}

/** "400, closed, upstream: 1 request and 1 cut short". */
function seenOf(view: ClientView, recorder: UpstreamRecorder): string {
  const parts: string[] = [];
  const statuses = [...view.interims, ...view.responses].map(statusOf);
  parts.push(statuses.length > 0 ? runs(statuses) : "no response");
  if (view.responses.some((one) => !one.complete)) parts.push("cut short");
  if (view.fault !== null) parts.push("response malformed");
  if (view.fate !== "ours")
    parts.push(view.fate === "closed" ? "closed" : view.fate === "kept" ? "kept" : "hangs");
  const complete = recorder.requests.filter((one) => one.complete).length;
  const incomplete = recorder.requests.length - complete;
  const upstream: string[] = [];
  if (complete > 0) upstream.push(`${complete} request${complete > 1 ? "s" : ""}`);
  if (incomplete > 0) upstream.push(`${incomplete} cut short`);
  if (recorder.faults.length > 0) upstream.push("malformed bytes");
  if (upstream.length > 0) parts.push(`upstream saw ${upstream.join(" and ")}`);
  return parts.join(", ");
}

/** `100 ×3 200` */
function runs(statuses: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < statuses.length; ) {
    let end = i;
    while (statuses[end] === statuses[i]) end++;
    parts.push(end - i > 1 ? `${statuses[i]} ×${end - i}` : `${statuses[i]}`);
    i = end;
  }
  return parts.join(" ");
}

function problemOf(
  outcome: Outcome,
  row: Row,
  target: Target,
  view: ClientView,
  recorder: UpstreamRecorder,
): Problem | null {
  return (
    at(0, upstreamProblem(outcome, row, target, view, recorder)) ??
    (view.fate === "ours" ? null : at(1, responsesProblem(outcome, view))) ??
    at(2, fateProblem(outcome, view, target))
  );
}

function fateProblem(outcome: Outcome, view: ClientView, target: Target): string | null {
  if (view.stuckAt !== null && view.fate !== "closed") return `hangs, waiting for ${view.stuckAt}`;
  if (view.fate === "ours") return null;
  if (view.fate === "hung") return "the connection neither serves nor closes";
  if (outcome.fate === "any" || outcome.fate === view.fate) return null;
  if (outcome.fate === "closed") return "the connection stays open";
  return target.maySayClose === true && saysClose(view) ? null : "the connection is closed";
}

/** A server may end a connection when it says so (RFC 9112 §9.6). */
function saysClose(view: ClientView): boolean {
  const last = view.responses.at(-1);
  return last !== undefined && valuesOf(last.headers, "connection").some((value) => /^close$/i.test(value));
}

/** More requests reached the upstream than the client can be said to have sent: what a smuggled request is. */
function isSmuggled(row: Row, view: ClientView, recorder: UpstreamRecorder): boolean {
  // A row's first request is its own, also when it should have been refused.
  const sent = Math.max(1, ...row.accept.map((outcome) => outcome.upstream.length));
  const passed = recorder.requests.filter((one) => one.complete).length;
  return passed > sent || (view.fate === "closed" && recorder.probes("probe") > 0);
}

function responsesProblem(outcome: Outcome, view: ClientView): string | null {
  if (view.fault !== null) return `the response is malformed: ${view.fault}`;
  const { responses } = view;
  if (responses.length !== outcome.responses.length) {
    return `${responses.length} responses instead of ${outcome.responses.length}`;
  }
  let forwardedIndex = 0;
  for (const [index, expected] of outcome.responses.entries()) {
    const message = responses[index];
    if (message === undefined) return "a response is missing";
    const request = expected.body === "upstream" ? outcome.upstream[forwardedIndex++] : undefined;
    const problem = responseProblem(expected, message, request, forwardedIndex);
    if (problem !== null) return problem;
  }
  return interimsProblem(outcome, view);
}

function interimsProblem(outcome: Outcome, view: ClientView): string | null {
  const required = outcome.responses.flatMap((one) => one.interims);
  const allowed = new Set(outcome.responses.flatMap((one) => one.interimsAllowed));
  const got = view.interims.map(statusOf);
  const left = [...required];
  for (const status of got) {
    if (left[0] === status) left.shift();
    else if (!allowed.has(status)) return `a ${status} that nobody asked for`;
  }
  return left.length > 0 ? `no ${left[0]}` : null;
}

function responseProblem(
  expected: Response,
  message: WireMessage,
  request: Forwarded | undefined,
  number: number,
): string | null {
  const status = statusOf(message);
  if (!expected.status.includes(status)) return `${status} instead of ${expected.status.join(" or ")}`;
  if (expected.isCut) return message.complete ? `the ${status} seems complete` : null;
  if (!message.complete) return `the ${status} is cut short`;
  for (const name of expected.forbiddenHeaders) {
    if (valuesOf(message.headers, name).length > 0) return `the ${status} has ${name}`;
  }
  const text = bodyText(message);
  if (typeof expected.body === "object") {
    return text === expected.body.text ? null : "the response's body is another";
  }
  if (expected.body === "none") return text === "" ? null : "the response has a body";
  if (expected.body === "own") return text.startsWith("upstream:") ? "the upstream responded" : null;
  if (expected.body === "any") return null;
  const id = request?.headers.find(([name]) => name.toLowerCase() === "cx-id")?.[1] ?? String(number);
  return text === markerOf(id) ? null : `the response's body is ${JSON.stringify(text.slice(0, 30))}`;
}

function upstreamProblem(
  outcome: Outcome,
  row: Row,
  target: Target,
  view: ClientView,
  recorder: UpstreamRecorder,
): string | null {
  const fault = recorder.faults[0];
  if (fault !== undefined) return `upstream got malformed bytes: ${fault}`;
  if (recorder.strayBytes > 0) return "upstream got bytes that belong to no request";
  const { requests } = recorder;
  const complete = requests.filter((one) => one.complete);
  const incomplete = requests.filter((one) => !one.complete);
  const lead = surplusProblem(outcome, complete);
  if (lead !== null) return lead;
  if (incomplete.length > 0) {
    if (outcome.incomplete === null) return "upstream got a request that never ended";
    if (incomplete.length > 1) return "upstream got several requests that never ended";
    if (!outcome.incomplete.startsWith(bodyText(incomplete[0] as WireMessage))) {
      return `upstream got the body ${JSON.stringify(bodyText(incomplete[0] as WireMessage).slice(0, 30))}`;
    }
    if (recorder.connections.some((one) => one.reader.open !== null && !one.isLost)) {
      return "the cut request's upstream connection stays open";
    }
  }
  if (view.fate === "closed" && view.fault === null && recorder.probes("probe") > 0)
    return "a request after the end was forwarded";
  return matchProblem(
    outcome.upstream.map((one) => target.rewrite(one, row)),
    complete,
  );
}

function surplusProblem(outcome: Outcome, complete: readonly WireMessage[]): string | null {
  if (complete.length === outcome.upstream.length) return null;
  return `upstream got ${complete.length} request${complete.length === 1 ? "" : "s"} instead of ${outcome.upstream.length}`;
}

function matchProblem(expected: readonly ExpectedRequest[], got: readonly WireMessage[]): string | null {
  const left = [...got];
  for (const request of expected) {
    const problems = left.map((message) => requestProblem(request, message));
    const index = problems.indexOf(null);
    if (index < 0) return problems[0] ?? "upstream is missing a request";
    left.splice(index, 1);
  }
  return null;
}

function requestProblem(expected: ExpectedRequest, message: WireMessage): string | null {
  const [method = "", target = ""] = message.startLine.split(" ");
  if (method !== expected.method) return `upstream got the method ${JSON.stringify(method)}`;
  if (!expected.targets.includes(target)) return `upstream got the target ${JSON.stringify(target)}`;
  const body = bodyText(message);
  if (body !== expected.body) {
    return `upstream got a body of ${body.length} bytes: ${JSON.stringify(body.slice(0, 30))}`;
  }
  return headersProblem(expected, message);
}

function headersProblem(expected: ExpectedRequest, message: WireMessage): string | null {
  const wanted = new Map<string, string[]>();
  for (const [name, value] of expected.headers) {
    const key = name.toLowerCase();
    wanted.set(key, [...(wanted.get(key) ?? []), value]);
  }
  for (const [name, values] of wanted) {
    if (valuesOf(message.headers, name).join(", ") !== values.join(", ")) {
      return `upstream got ${name}: ${JSON.stringify(valuesOf(message.headers, name).join(", "))}`;
    }
  }
  const counted = new Set<string>();
  for (const [name, value] of message.headers) {
    const key = name.toLowerCase();
    if (wanted.has(key)) continue;
    const form = expected.added.get(key);
    if (form === undefined) return `upstream got the header ${name}`;
    if (!form.test(value)) return `upstream got ${name}: ${JSON.stringify(value)}`;
    if (counted.has(key)) return `upstream got ${name} twice`;
    counted.add(key);
  }
  return null;
}
