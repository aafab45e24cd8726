// Builds rows of responses that no honest server gives, and the outcomes that are right for them.
import { get, own, response, rowsOf, seenGet } from "./build.js";
import type { Outcome, Reply, Response, Row, RowKind, Topic } from "./row.js";

/** The connection to the client may end with a broken response; what comes next on it must be right. */
export function saw(one: Response, fate: Outcome["fate"] = "any"): Outcome {
  return { responses: [one], fate, upstream: [seenGet], incomplete: null };
}

export const badGateway = saw(own(502));

/** The head had gone out already: the end must come too soon, and the connection with it. */
export const cut = saw(response(200, "any", { isCut: true }), "closed");
export const closed: Outcome = { responses: [], fate: "closed", upstream: [seenGet], incomplete: null };

export const brokenInBody: readonly Outcome[] = [cut, badGateway, closed];

export function text(body: string, rest: Partial<Response> = {}): Outcome {
  return saw(response(200, { text: body }, rest));
}

type Case = readonly [
  name: string,
  clause: string,
  why: string,
  bytes: string | readonly string[],
  accept: Outcome | readonly Outcome[],
  rest?: Partial<Reply> & { readonly shortTimeouts?: boolean },
];

export function rowsFrom(topic: Topic, kind: RowKind, cases: readonly Case[]): Row[] {
  const make = rowsOf(topic)[kind];
  return cases.map(([name, clause, why, bytes, accept, rest = {}]) => {
    const { shortTimeouts, ...reply } = rest;
    return make({
      name: `up-${name}`,
      clause,
      why,
      send: get(),
      accept,
      replies: [{ bytes, ...reply }],
      shortTimeouts: shortTimeouts ?? false,
    });
  });
}

export const OK = "HTTP/1.1 200 OK\r\n";
export const CL5 = "Content-Length: 5\r\n";
export const TE = "Transfer-Encoding: chunked\r\n";

export function plain(...lines: string[]): string {
  return `${OK}${lines.map((line) => `${line}\r\n`).join("")}${CL5}\r\nhello`;
}

export function chunks(raw: string): string {
  return `${OK}${TE}\r\n${raw}`;
}
