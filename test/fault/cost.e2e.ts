/** What a stranger's text costs: every header, target and query, and what an integration sends, filled with 15 KB; bodies that are recorded. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aKey, anApi, anIntegration, aRoute, RawClient, served, Upstream } from "@latchkey/testkit";
import { expect } from "vitest";
import { engines } from "../support/engines.js";
import { CostMeter, cpuMs } from "./support/cost-meter.js";
import { fault } from "./support/fault.js";
import { type Fill, fills, mixedFill, randomFrom } from "./support/fills.js";
import { mode, rounds } from "./support/mode.js";
import { seed } from "./support/seed.js";
import { SmallNode } from "./support/small-node.js";

/** Of the node's main thread. */
const LIMIT_MS = 5;
/** On a machine with much other work everything takes more CPU time: then it is so many times that of a request without a fill. */
const PLAIN_RATIO = 12;
/** Requests between two looks at that. */
const PLAIN_EVERY = 200;
/** Of the seed; in longer modes by time. */
const MIXES_MIN = 4;
/** One in so many. */
const SAMPLED_PLACES = 8;
const REQUEST_HEADERS = [
  "Accept",
  "Accept-Encoding",
  "Accept-Language",
  "Access-Control-Request-Headers",
  "Access-Control-Request-Method",
  "Authorization",
  "baggage",
  "Cache-Control",
  "CDN-Loop",
  "ConfigCorrelationId",
  "Connection",
  "Connxio-Api-Key",
  "Connxio-Api-Webhook",
  "Content-Encoding",
  "Content-Length",
  "Content-Type",
  "Cookie",
  "cx-path-id",
  "Expect",
  "Forwarded",
  "Host",
  "If-None-Match",
  "InterchangeId",
  "Keep-Alive",
  "Max-Forwards",
  "Origin",
  "Proxy-Authorization",
  "Range",
  "TE",
  "traceparent",
  "tracestate",
  "Trailer",
  "Transfer-Encoding",
  "Upgrade",
  "Via",
  "X_Forwarded_For",
  "X-Anything",
  "X-Forwarded-For",
  "X-Forwarded-Host",
  "X-Forwarded-Port",
  "X-Forwarded-Proto",
  "X-HTTP-Method-Override",
  "X-Real-IP",
];

const RESPONSE_HEADERS = [
  "Access-Control-Allow-Origin",
  "Cache-Control",
  "Connection",
  "Content-Encoding",
  "Content-Length",
  "Content-Type",
  "Date",
  "Keep-Alive",
  "Latchkey-Error",
  "Location",
  "Proxy-Authenticate",
  "RateLimit",
  "Retry-After",
  "Set-Cookie",
  "TE",
  "Trailer",
  "Transfer-Encoding",
  "Upgrade",
  "Vary",
  "Via",
  "X-Anything",
];

const key = aKey("key_1", "api_1");
const bearerKey = aKey("key_2", "api_2");
const recordedKey = aKey("key_3", "api_3");

interface Case {
  readonly name: string;
  readonly request: string;
  /** What the integration sends. */
  readonly response?: string;
}

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

function requestOf(target: string, header = "", secret = key.secret, method = "POST"): string {
  const own = (name: string): boolean => header.toLowerCase().startsWith(`${name.toLowerCase()}:`);
  const lines = [
    ...(own("Host") ? [] : ["Host: a"]),
    ...(own("Connxio-Api-Key") ? [] : [`Connxio-Api-Key: ${secret}`]),
    ...(own("Content-Type") ? [] : ["Content-Type: application/json"]),
    ...(own("Content-Length") || own("Transfer-Encoding") ? [] : ["Content-Length: 2"]),
    ...(header === "" ? [] : [header]),
  ];
  return `${method} ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n{}`;
}

function* casesOf(fill: Fill): Generator<Case> {
  const value = fill.text.trim();
  for (const name of REQUEST_HEADERS)
    yield { name: `${name}: ${fill.name}`, request: requestOf("/checked/1", `${name}: ${value}`) };
  yield {
    name: `Authorization of a bearer API: ${fill.name}`,
    request: requestOf("/a", `Authorization: Bearer ${value}`, bearerKey.secret),
  };
  const visible = fill.text.replaceAll(/[^!-~]|[?#]/g, "+");
  yield { name: `path: ${fill.name}`, request: requestOf(`/${visible}`) };
  yield { name: `path parameter: ${fill.name}`, request: requestOf(`/checked/${visible}`) };
  yield { name: `query: ${fill.name}`, request: requestOf(`/checked/1?${visible}`) };
  yield { name: `query parameter: ${fill.name}`, request: requestOf(`/checked/1?q=${visible}`) };
  yield { name: `absolute target: ${fill.name}`, request: requestOf(`http://${visible}`) };
  yield { name: `request line: ${fill.name}`, request: `GET ${fill.text}\r\n\r\n` };
  yield { name: `chunk extension: ${fill.name}`, request: chunked(fill.text.slice(0, 4_000)) };
  const plain = requestOf("/plain");
  for (const name of RESPONSE_HEADERS) {
    const length = name === "Content-Length" || name === "Transfer-Encoding" ? "" : "Content-Length: 0\r\n";
    yield {
      name: `integration's ${name}: ${fill.name}`,
      request: plain,
      response: `HTTP/1.1 200 OK\r\n${length}${name}: ${value}\r\n\r\n`,
    };
  }
  yield {
    name: `integration's reason: ${fill.name}`,
    request: plain,
    response: `HTTP/1.1 200 ${fill.text}\r\nContent-Length: 0\r\n\r\n`,
  };
}

function chunked(extension: string): string {
  const head = requestOf("/plain", "Transfer-Encoding: chunked").slice(0, -2);
  return `${head}1;${extension}\r\na\r\n0\r\n\r\n`;
}

/** Bodies of 16 KB, as much as is recorded of each, alone and beside cookies that must not be found in them: as many as are looked for, and more. */
function* recordedCases(): Generator<Case> {
  const cookies = (count: number) => Array.from({ length: count }, (_, i) => `a=1${10_000 + i}`).join("; ");
  const bodies: Readonly<Record<string, readonly [type: string, body: string]>> = {
    "a text": ["text/plain", "1".repeat(16_000)],
    "a form": ["application/x-www-form-urlencoded", "token=1&".repeat(2_000)],
    numbers: ["application/json", `[${"1111111,".repeat(1_700)}1]`],
    elements: ["application/json", `[${'"111111",'.repeat(1_700)}1]`],
    objects: ["application/json", `[${"{},".repeat(5_000)}1]`],
    "nested objects": ["application/json", `${'{"a":'.repeat(2_000)}1${"}".repeat(2_000)}`],
  };
  for (const [name, [type, body]] of Object.entries(bodies))
    for (const count of [0, 90, 900]) {
      const more = `${count === 0 ? "" : `Cookie: ${cookies(count)}\r\n`}Content-Length: ${body.length}\r\nContent-Type: ${type}`;
      yield {
        name: `body of ${name}${count === 0 ? "" : ` and ${count} cookies`}`,
        request: `POST /recorded HTTP/1.1\r\nHost: a\r\nConnxio-Api-Key: ${recordedKey.secret}\r\n${more}\r\n\r\n${body}`,
      };
    }
}

/** A head that comes in pieces, a line or a byte at a time. */
async function inPieces(port: number, pid: number, size: number): Promise<number> {
  const line = `X-Line: ${"a".repeat(140)}\r\n`;
  const head = requestOf("/plain", line.repeat(90).trimEnd());
  using client = await RawClient.connect(port);
  const before = cpuMs(pid);
  for (let at = 0; at < head.length; at += size) {
    client.send(head.slice(at, at + size));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await client.response();
  return (cpuMs(pid) - before) / Math.ceil(head.length / size);
}

for (const engine of engines)
  fault(
    {
      row: "56",
      fault: `15 KB fills in every header, target, query, response header and recorded body, with access log and traces, front ${engine}`,
      holds: "no request costs more than a few milliseconds of the node's CPU time",
      target: "nothing over 5 ms of CPU",
    },
    async () => {
      let response = OK;
      await using upstream = await Upstream.start({
        behaviour: (_request, socket) => {
          socket.write(Buffer.from(response, "latin1"));
          if (response !== OK) socket.end();
          return null;
        },
      });
      const folder = mkdtempSync(join(tmpdir(), "latchkey-jwks-"));
      using _ = { [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
      const jwksFile = join(folder, "jwks.json");
      writeFileSync(jwksFile, JSON.stringify({ keys: [] }));
      const url = `${upstream.url}/`;
      const schema = '{"type":"object"}';
      const operation = JSON.stringify({
        parameters: [
          { in: "query", name: "q", schema: { type: "string", maxLength: 20_000 } },
          { in: "path", name: "id", required: true, schema: { type: "string" } },
        ],
      });
      const routes = [
        aRoute("ANY", "/plain", "int_1"),
        { ...aRoute("ANY", "/checked/{id}", "int_2"), validate: true, operation },
        aRoute("ANY", "/deep/{a}/{b}/{rest*}", "int_1"),
      ];
      const mask = ["$..name", "$..card.number", "$.a.b.c", "$[*].*.x", "$..[*].y"];
      const recording = { untilMs: Date.now() + 86_400_000, mask };
      await using node = await SmallNode.start(
        served(
          anIntegration("int_1", url),
          anIntegration("int_2", url, { requestSchema: schema, requestContentTypes: ["application/json"] }),
          anApi("api_1", routes),
          anApi("api_3", [aRoute("ANY", "/recorded", "int_1")], { recording }),
          anApi("api_2", [aRoute("ANY", "/a", "int_1")], { bearerRequired: true }),
          key.resource,
          bearerKey.resource,
          recordedKey.resource,
        ),
        {
          env: {
            LATCHKEY_INGRESS_ENGINE: engine,
            LATCHKEY_INGRESS_LIMITS_URI_BYTES_MAX: "16000",
            LATCHKEY_INGRESS_TRUSTED_PROXIES: "127.0.0.0/8",
            LATCHKEY_INGRESS_BEARER_ISSUER: "https://issuer.example",
            LATCHKEY_INGRESS_BEARER_JWKS_FILE: jwksFile,
            LATCHKEY_INGRESS_ACCESS_LOG_TO: join(folder, "access.log"),
            LATCHKEY_INGRESS_USAGE_SAMPLES_PER_SECOND: "1000",
            OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9", // refuses
          },
        },
      );
      const { pid } = node.process;
      using meter = new CostMeter({ pid, port: node.port });
      for (let i = 0; i < 300; i++) await meter.send(requestOf("/checked/1?q=1"));
      for (let i = 0; i < 5; i++) for (const { request } of recordedCases()) await meter.send(request);

      let plainMs = 0;
      let plainAt = Number.NEGATIVE_INFINITY;
      const measure = async (one: Case): Promise<void> => {
        if (meter.count > plainAt + PLAIN_EVERY) {
          response = OK;
          plainMs = await meter.measure("without a fill", requestOf("/checked/1?q=1"), Number.MAX_VALUE);
          plainAt = meter.count;
        }
        response = one.response ?? OK;
        await meter.measure(one.name, one.request, Math.max(LIMIT_MS, plainMs * PLAIN_RATIO));
        upstream.seen.length = 0;
      };
      for (const one of recordedCases()) await measure(one);
      // In quick mode the other front is tried with each fill in some places: what reads them is mostly the same code.
      const every = mode === "quick" && engine !== "strict" ? SAMPLED_PLACES : 1;
      for (const [i, fill] of fills(mode !== "quick").entries())
        for (const [place, one] of [...casesOf(fill)].entries())
          if ((i + place) % every === 0) await measure(one);
      const random = randomFrom(seed);
      const untilMs = performance.now() + rounds(0, 30_000, 30 * 60_000);
      for (let mixes = 0; mixes < MIXES_MIN || performance.now() < untilMs; mixes++)
        for (const one of casesOf(mixedFill(random))) await measure(one);

      const pieces: string[] = [];
      // The library takes no head of this size in pieces.
      for (const size of engine === "strict" ? [1, 150] : []) {
        let least = Number.POSITIVE_INFINITY;
        for (let tries = 0; tries < 3; tries++) least = Math.min(least, await inPieces(node.port, pid, size));
        expect(least).toBeLessThan(1);
        pieces.push(`${(least * 1000).toFixed(0)} µs a piece of ${size}`);
      }
      expect(meter.tooDear).toEqual([]);
      return `${meter.figure}, ${plainMs.toFixed(2)} ms without a fill, mixes from seed ${seed}${pieces.length > 0 ? `; heads of 14 KB in pieces: ${pieces.join(", ")}` : ""}`;
    },
    { timeoutMs: rounds(900_000, 900_000, 3_600_000) },
  );
