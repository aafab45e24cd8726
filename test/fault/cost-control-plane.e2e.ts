/** What a stranger's text costs the control plane: its headers, targets, queries, cookies and documents filled with 15 KB. */
import { expect } from "vitest";
import { Stack } from "../support/stack.js";
import { CostMeter } from "./support/cost-meter.js";
import { fault } from "./support/fault.js";
import { type Fill, fills, mixedFill, randomFrom } from "./support/fills.js";
import { mode, rounds } from "./support/mode.js";
import { seed } from "./support/seed.js";

/** Of the main thread, beyond the same request without the fill. */
const LIMIT_MS = 5;
/** Of the seed; in longer modes by time. */
const MIXES_MIN = rounds(1, 3);
const BASELINE_TRIES = 20;

const HEADERS = [
  "Accept",
  "Accept-Encoding",
  "Access-Control-Request-Headers",
  "Authorization",
  "Connection",
  "Content-Encoding",
  "Content-Type",
  "Cookie",
  "Expect",
  "Forwarded",
  "Host",
  "Idempotency-Key",
  "If-None-Match",
  "Origin",
  "Range",
  "Sec-Fetch-Site",
  "Sec-WebSocket-Key",
  "Sec-WebSocket-Protocol",
  "TE",
  "traceparent",
  "tracestate",
  "Transfer-Encoding",
  "Upgrade",
  "Via",
  "X-Anything",
  "X-CSRF-Token",
  "X-Forwarded-For",
  "X-Forwarded-Host",
  "X-Forwarded-Proto",
  "X-Request-Id",
];

interface Request {
  readonly method: string;
  readonly target: string;
  /** `Name: value`; takes the place of one of that name. */
  readonly header?: string;
  readonly body?: string;
  /** Null: a stranger's. */
  readonly token: string | null;
}

function textOf({ method, target, header = "", body = "", token }: Request): string {
  const own = header.slice(0, header.indexOf(":")).toLowerCase();
  const lines = [
    "Host: 127.0.0.1",
    ...(token === null ? [] : [`Authorization: Bearer ${token}`]),
    ...(body === "" ? [] : ["Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`]),
  ].filter((line) => line.slice(0, line.indexOf(":")).toLowerCase() !== own);
  if (header !== "") lines.push(header);
  return `${method} ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
}

interface Case {
  readonly name: string;
  /** The same without the fill. */
  readonly plain: Request;
  readonly request: Request;
}

const graphql = (query: string, variables: object = {}): string => JSON.stringify({ query, variables });

function* casesOf(fill: Fill, token: string): Generator<Case> {
  const value = fill.text.trim();
  const visible = fill.text.replaceAll(/[^!-~]|[?#]/g, "+");
  const query = { method: "POST", target: "/graphql", body: graphql("{ viewer { actor } }"), token };
  const page = { method: "GET", target: "/", token: null };
  for (const plain of [query, page])
    for (const name of HEADERS)
      yield {
        name: `${name} of ${plain.target}: ${fill.name}`,
        plain,
        request: { ...plain, header: `${name}: ${value}` },
      };
  const targets: Readonly<Record<string, (text: string) => string>> = {
    "a path": (text) => `/${text}`,
    "a query": (text) => `/?${text}`,
    "an id": (text) => `/apis/${text}/openapi.json`,
    "the usage's query": (text) => `/usage.csv?from=${text}`,
    "GraphQL's query": (text) => `/graphql?query=${text}`,
    "a file of GraphiQL": (text) => `/graphiql/${text}`,
    "an absolute target": (text) => `http://${text}`,
  };
  for (const [what, target] of Object.entries(targets))
    yield {
      name: `${what}: ${fill.name}`,
      plain: { method: "GET", target: target("a"), token },
      request: { method: "GET", target: target(visible), token },
    };
  const documents: Readonly<Record<string, (text: string) => string>> = {
    "a document": (text) => graphql(text),
    "a comment": (text) => graphql(`{ viewer { actor } } # ${text}`),
    "a text": (text) =>
      graphql(`{ apis(first: 1, filter: { search: ${JSON.stringify(text)} }) { totalCount } }`),
    "a variable": (search) =>
      graphql("query($f: ApiFilter) { apis(first: 1, filter: $f) { totalCount } }", { f: { search } }),
    "a body": (text) => text,
  };
  for (const [what, body] of Object.entries(documents))
    yield {
      name: `${what}: ${fill.name}`,
      plain: { ...query, body: body("a") },
      request: { ...query, body: body(fill.text) },
    };
  // Before any operator is known.
  yield {
    name: `a body of a sign-in: ${fill.name}`,
    plain: { method: "POST", target: "/session", body: "{}", token: null },
    request: { method: "POST", target: "/session", body: `{${fill.text}`, token: null },
  };
}

fault(
  {
    row: "56",
    fault:
      "15 KB fills in every header, target, query, cookie and document that the control plane's HTTP port takes",
    holds:
      "no request costs the main thread more than a few milliseconds of CPU time beyond the same one without the fill",
    target: "nothing over 5 ms of CPU",
  },
  async () => {
    await using stack = await Stack.start({
      nodes: 0,
      controlPlaneEnv: {
        LATCHKEY_CONTROL_PLANE_HTTP_TRUSTED_PROXIES: "127.0.0.0/8",
        LATCHKEY_CONTROL_PLANE_HTTP_FAILURES_PER_MINUTE_MAX: "10000",
        LATCHKEY_CONTROL_PLANE_LOG_LEVEL: "error",
      },
    });
    const { pid } = stack.controlPlane;
    using meter = new CostMeter({ pid, port: Number(new URL(stack.graphqlUrl).port) });
    const baselinesMs = new Map<string, number>();
    const baselineMs = async (plain: Request): Promise<number> => {
      const text = textOf(plain);
      let leastMs = baselinesMs.get(text) ?? Number.POSITIVE_INFINITY;
      if (leastMs < Number.POSITIVE_INFINITY) return leastMs;
      for (let i = 0; i < BASELINE_TRIES; i++)
        leastMs = Math.min(leastMs, await meter.measure("without a fill", text, Number.MAX_VALUE));
      baselinesMs.set(text, leastMs);
      return leastMs;
    };
    const tryAll = async (fill: Fill): Promise<void> => {
      for (const { name, plain, request } of casesOf(fill, stack.adminToken))
        await meter.measure(name, textOf(request), (await baselineMs(plain)) + LIMIT_MS);
    };
    if (mode !== "quick") for (const fill of fills(true)) await tryAll(fill);
    const random = randomFrom(seed);
    const untilMs = performance.now() + rounds(0, 30_000, 30 * 60_000);
    for (let mixes = 0; mixes < MIXES_MIN || performance.now() < untilMs; mixes++)
      await tryAll(mixedFill(random));
    expect(meter.tooDear).toEqual([]);
    return `${meter.figure}, mixes from seed ${seed}`;
  },
);
