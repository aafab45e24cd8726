/** What a client with a key sends to be read in two ways, by the gateway and by the integration; on each front. */
import { NEVER_FORWARDED } from "@latchkey/core";
import {
  aKey,
  anApi,
  anIntegration,
  aRoute,
  RawClient,
  type RawResponse,
  served,
  Upstream,
} from "@latchkey/testkit";
import { afterAll, beforeAll, expect } from "vitest";
import { engines } from "../support/engines.js";
import { fault } from "./support/fault.js";
import { rounds } from "./support/mode.js";
import { key, SmallNode } from "./support/small-node.js";

/** Clients that come from here are a proxy that nodes trust; the others come from 127.0.0.1. */
const PROXY = "127.0.0.2";
const PROXY_HEADERS = ["x-forwarded-for", "forwarded"] as const;
type ProxyHeader = (typeof PROXY_HEADERS)[number];
const hook = aKey("key_2", "api_1", { mode: "webhook" });

const operation = JSON.stringify({
  requestBody: {
    required: true,
    content: { "application/json": { schema: { type: "object", properties: { amount: { maximum: 100 } } } } },
  },
});

interface Front {
  readonly engine: string;
  readonly proxyHeader: ProxyHeader;
  readonly node: SmallNode;
}

let upstream: Upstream;
let fronts: readonly Front[] = [];

beforeAll(async () => {
  upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
  const integration = anIntegration("int_1", `${upstream.url}/`, {
    method: "AS_RECEIVED",
    forwardAuthorization: true,
  });
  const resources = served(
    integration,
    anApi("api_1", [
      aRoute("ANY", "/free", "int_1"),
      { ...aRoute("ANY", "/checked", "int_1"), validate: true, operation },
    ]),
    aKey("key_1", "api_1", {}, key).resource,
    hook.resource,
  );
  const wanted = engines.flatMap((engine) => PROXY_HEADERS.map((proxyHeader) => ({ engine, proxyHeader })));
  fronts = await Promise.all(
    wanted.map(async ({ engine, proxyHeader }) => ({
      engine,
      proxyHeader,
      node: await SmallNode.start(resources, {
        env: {
          LATCHKEY_INGRESS_ENGINE: engine,
          LATCHKEY_INGRESS_TRUSTED_PROXIES: PROXY,
          LATCHKEY_INGRESS_TRUSTED_PROXY_HEADER: proxyHeader,
        },
      }),
    })),
  );
  for (const { node } of fronts) node.secrets.add(hook.secret);
});

afterAll(async () => {
  for (const { node } of fronts) await node[Symbol.asyncDispose]();
  await upstream.close();
});

/** One node for each engine. */
const oneEach = (): readonly Front[] => fronts.filter(({ proxyHeader }) => proxyHeader === "x-forwarded-for");

const SEPARATORS = "_.!#$%&'*+^`|~";

/**
 * Characters of a name that CGI-like upstreams take for a dash (RFC 9110 §5.6.2). The build of uWebSockets.js ends a connection
 * whose header names have others than letters, digits and dashes.
 */
const separatorsOf = ({ engine }: Front): readonly string[] =>
  engine === "uws" ? [] : [...SEPARATORS].slice(0, rounds(3, SEPARATORS.length));

interface Sent {
  readonly response: RawResponse;
  /** Header fields as the integration got them; null: it got no request. */
  readonly received: readonly string[] | null;
}

interface Message {
  readonly path?: string;
  readonly method?: string;
  readonly body?: string;
  readonly secret?: string | null;
  readonly from?: string;
}

async function send({ node }: Front, lines: readonly string[], message: Message = {}): Promise<Sent> {
  const { path = "/free", method = "POST", body = "", secret = key, from } = message;
  const before = upstream.seen.length;
  using client = await RawClient.connect(node.port, "127.0.0.1", from);
  const head = [
    `${method} ${path} HTTP/1.1`,
    "Host: client.example",
    ...(secret === null ? [] : [`Connxio-Api-Key: ${secret}`]),
    ...lines,
    ...(body === "" ? [] : [`Content-Length: ${body.length}`]),
  ];
  client.send(`${head.join("\r\n")}\r\n\r\n${body}`);
  const response = await client.response();
  return { response, received: upstream.seen.length > before ? upstream.last.headers : null };
}

const outcomeOf = ({ response, received }: Sent): readonly unknown[] => [
  response.status,
  response.header("latchkey-error"),
  received,
];
const REFUSED = [400, "request.malformed", null];

const SINGLE: Readonly<Record<string, string>> = {
  "Connxio-Api-Key": key,
  "Connxio-Api-Webhook": "true",
  Authorization: "Bearer of-a-client",
  "Content-Type": "text/plain",
  "Max-Forwards": "7",
};
/** Named by `Connection`, a hop takes a header out. */
const NOT_NAMEABLE = [
  ...Object.keys(SINGLE),
  "Content-Encoding",
  "Content-Length",
  "Transfer-Encoding",
  "Host",
  "Cookie",
  "Origin",
  "If-Match",
  "Sec-Fetch-Site",
  "InterchangeId",
  "ConfigCorrelationId",
  "X-Forwarded-For",
  "Forwarded",
  "cx-path-id",
];

fault(
  {
    row: "82",
    fault:
      "fields by which the gateway decides come twice, in every spelling that an integration may read as the same name, or are named by Connection",
    holds: "refused with 400 before the integration sees anything; no variant goes on alone",
    target: "0 passed",
  },
  async () => {
    let refused = 0;
    let alone = 0;
    const isRefused = async (
      front: Front,
      lines: readonly string[],
      message: Message = {},
    ): Promise<void> => {
      expect([lines, outcomeOf(await send(front, lines, message))]).toEqual([lines, REFUSED]);
      refused++;
    };
    for (const front of oneEach()) {
      for (const [name, value] of Object.entries(SINGLE)) {
        const secret = name === "Connxio-Api-Key" ? null : key;
        const variants = separatorsOf(front).flatMap((to) =>
          name.includes("-") ? [name.replaceAll("-", to)] : [],
        );
        for (const other of [name, name.toUpperCase(), ...variants])
          for (const lines of [
            [`${name}: ${value}`, `${other}: another`],
            [`${other}: another`, `${name}: ${value}`],
          ])
            await isRefused(front, lines, { secret });
        for (const variant of variants) {
          const { received } = await send(front, [`${variant}: forged`]);
          expect([variant, received?.includes("forged")]).not.toEqual([variant, true]);
          alone++;
        }
      }
      for (const variant of separatorsOf(front).map((to) => `Content${to}Length`))
        await isRefused(front, [`${variant}: 3`], { body: "hello" });
      for (const name of NOT_NAMEABLE)
        for (const options of [name, `keep-alive, ${name.toLowerCase()}`])
          await isRefused(front, [`Connection: ${options}`]);
    }
    return `${refused} of ${refused} refused with 400; of ${alone} variants alone 0 went on`;
  },
);

const BAD = '{"amount":1000}';
const JSON_TYPE = "Content-Type: application/json";
/** Of a route whose operation takes a JSON object with an `amount` of at most 100, and requires a body. */
const BODIES: readonly (readonly [what: string, lines: readonly string[], body: string, status: number])[] = [
  ["as it should be", [JSON_TYPE], '{"amount":1}', 200],
  ["too much", [JSON_TYPE], BAD, 422],
  ["two types", [JSON_TYPE, "Content-Type: text/plain"], BAD, 400],
  ["a type in another spelling", ["Content-Type: text/plain", "content_type: application/json"], BAD, 400],
  ["a coding behind Vary", [JSON_TYPE, "Vary: content-encoding", "Content-Encoding: gzip"], BAD, 415],
  ["two codings", [JSON_TYPE, "Content-Encoding: identity", "Content-Encoding: gzip"], BAD, 415],
  ["a type named by Connection", [JSON_TYPE, "Connection: content-type"], BAD, 400],
  ["no body", [JSON_TYPE], "", 400],
  ["a member twice", [JSON_TYPE], '{"amount":1,"amount":1000}', 400],
  ["a member twice, escaped", [JSON_TYPE], '{"amount":1000,"\\u0061mount":1}', 400],
  ["a member twice, deep", [JSON_TYPE], '{"a":[{"b":1,"c":2,"b":3}]}', 400],
];
const METHODS = ["GET", "DELETE", "POST", "PUT", "PATCH", "OPTIONS"].slice(0, rounds(3, 6));

fault(
  {
    row: "83",
    fault:
      "bodies that gateway and integration may read in two ways, on a checked route: two types or codings, members twice, and none where one is required, by each method",
    holds: "refused before the integration sees anything; what is as it should be passes",
    target: "0 passed",
  },
  async () => {
    let refused = 0;
    let passed = 0;
    for (const front of oneEach())
      for (const method of METHODS)
        for (const [what, lines, body, status] of BODIES) {
          if (front.engine === "uws" && lines.some((line) => line.startsWith("content_"))) continue;
          const { response, received } = await send(front, lines, { method, body, path: "/checked" });
          const seen = [front.engine, method, what, response.status, received !== null];
          expect(seen).toEqual([front.engine, method, what, status, status === 200]);
          if (status === 200) passed++;
          else refused++;
        }
    return `${refused} of ${refused} refused, by ${METHODS.length} methods; ${passed} of ${passed} honest ones passed`;
  },
);

/** Those of the header, joined as a recipient reads them. */
function valuesOf(headers: readonly string[] | null, name: string): readonly string[] {
  return (headers ?? []).filter((_, i, all) => i % 2 === 1 && all[i - 1]?.toLowerCase() === name);
}

const WRITTEN_BY_PROXY = [
  "X-Forwarded-For: garbage, 192.0.2.1:4711, <script>, [2001:db8::1]:80",
  "X-Forwarded-Proto: HTTPS, javascript",
  "X-Forwarded-Host: api.example.com, a b",
  'Forwarded: for=198.51.100.1;proto=https, for=, by=<x>;for=1.2.3.4, for="[2001:db8::9]:80";host="b.example"',
];
/** What the integration reads of it: nothing that does not parse, and nothing from the other header. */
const CARRIED: Readonly<Record<ProxyHeader, Readonly<Record<string, readonly string[]>>>> = {
  "x-forwarded-for": {
    "x-forwarded-for": [`192.0.2.1, 2001:db8::1, ${PROXY}`],
    "x-forwarded-proto": ["https"],
    "x-forwarded-host": ["api.example.com"],
    forwarded: [`for=192.0.2.1, for="[2001:db8::1]", for=${PROXY};host=client.example;proto=http`],
  },
  forwarded: {
    "x-forwarded-for": [`198.51.100.1, 2001:db8::9, ${PROXY}`],
    "x-forwarded-proto": ["http"],
    "x-forwarded-host": ["b.example"],
    forwarded: [
      `for=198.51.100.1;proto=https, for="[2001:db8::9]:80";host="b.example", for=${PROXY};host=client.example;proto=http`,
    ],
  },
};
const OF_THE_PEER = {
  "x-forwarded-for": ["127.0.0.1"],
  "x-forwarded-proto": ["http"],
  "x-forwarded-host": ["client.example"],
  forwarded: ["for=127.0.0.1;host=client.example;proto=http"],
};
/** The gateway's own, and what is never forwarded (docs/request-path.md). */
const OVERWRITTEN = [
  "ConfigCorrelationId",
  "cx-path-id",
  "X-Forwarded-Method",
  "X-Forwarded-Path",
  "X-Forwarded-Any",
];

const ALL_NAMES = [...NEVER_FORWARDED, ...OVERWRITTEN];
/** A front takes 48 lines of a head; a name comes in two spellings. */
const NAMES_AT_ONCE = 20;

fault(
  {
    row: "84",
    fault: `${NEVER_FORWARDED.length} headers that tell an integration another address, URL, method, scheme or certificate (Proxy, X-Original-URL, …), from a client and from a trusted proxy; forged and garbled forwarding headers`,
    holds:
      "none goes on, in no spelling; of a trusted proxy only the header that is configured counts, without what does not parse",
    target: "0 forged values at the integration",
  },
  async () => {
    let dropped = 0;
    for (const front of fronts)
      for (const from of ["127.0.0.1", PROXY])
        for (let at = 0; at < ALL_NAMES.length; at += NAMES_AT_ONCE) {
          const [separator = "-"] = separatorsOf(front);
          const lines = ALL_NAMES.slice(at, at + NAMES_AT_ONCE)
            // A proxy that writes X-Forwarded-For writes its other ones, too.
            .filter(
              (name) =>
                !(from === PROXY && name === "X-Forwarded-Any" && front.proxyHeader === "x-forwarded-for"),
            )
            .flatMap((name) => [...new Set([name, name.replaceAll("-", separator)])])
            .map((spelling) => `${spelling}: forged ${spelling}`);
          const { response, received } = await send(front, lines, { from });
          expect([front.engine, from, response.status]).toEqual([front.engine, from, 200]);
          expect([from, received?.filter((text) => text.startsWith("forged"))]).toEqual([from, []]);
          dropped += lines.length;
        }
    for (const front of fronts) {
      const seenOf = (received: readonly string[] | null) =>
        Object.fromEntries(Object.keys(OF_THE_PEER).map((name) => [name, valuesOf(received, name)]));
      const ofStranger = await send(front, WRITTEN_BY_PROXY);
      expect([front.engine, seenOf(ofStranger.received)]).toEqual([front.engine, OF_THE_PEER]);
      const ofProxy = await send(front, WRITTEN_BY_PROXY, { from: PROXY });
      const carried = CARRIED[front.proxyHeader];
      expect([front.engine, seenOf(ofProxy.received)]).toEqual([front.engine, carried]);
    }
    return `${dropped} headers dropped or overwritten, 0 went on; ${fronts.length} × forged forwarding of a stranger dropped, of a trusted proxy read without what does not parse`;
  },
);
