/**
 * What a forwarded request leaves for the garbage collector, counted and not timed. Bytes allocated, in a process whose
 * young generation is so large that nothing is collected meanwhile: a guard against a closure or a header object that
 * finds its way into the hot path. Bytes that reach the old generation, where the young one is small: a guard against
 * something dead in the old generation that leads to every request after it. Raise a bound only with a reason.
 */
import { RawClient } from "@latchkey/testkit";
import { expect, it } from "vitest";
import { engines } from "../support/engines.js";
import { Recorder } from "../support/recorder.js";
import { enforced, makeApi, makeIntegration, makeSubscription } from "../support/seed.js";
import { Stack } from "../support/stack.js";

const REQUESTS = 3_000;
const WARM_UP = 3_000;
/** MiB; the young generation is at most three times as large. */
const SEMI_SPACE = 128;

/**
 * Bytes a request, a tenth above what was measured. uws makes each response head anew, since InterchangeId is in it.
 * Raised from 6,600, 4,700 and 4,900 with the memories that were removed (ADR 0107): what they gave again is made anew; and
 * to a tenth above 7,752, 5,608 and 5,874, which was less than what the process does each second adds on a busy machine.
 */
const BYTES_MAX = { uws: 8_500, strict: 6_150, strictPost: 6_450 } as const;
const BODY = JSON.stringify({ amount: 5, note: "x".repeat(480) });

/**
 * Of a request, in the old generation: nothing but what the process gathers anyway: 250, and 830 where requests take ten times
 * as long. What leads to every request after it keeps some thousands.
 */
const PROMOTED_BYTES_MAX = 1_200;
/**
 * Of a connection with one request: those that stood at two collections, and nothing that they lead to. Raised from 2,600: a
 * connection has its memo from the first request on (6,261 measured); it could be made at the second one.
 */
const PROMOTED_OF_CONNECTION_MAX = 6_900;
const CLIENTS = 16;
/** Requests of a client in a round. */
const EACH = 20;
const ROUNDS = 10;
const READINGS = 5;
/** On a busy machine the compiler is late, and code that it has not optimized yet allocates more: that is not what is guarded. */
const ATTEMPTS_MAX = 6;

/**
 * The young generation small, so that it is collected often; the old one large from the start, so that it is not
 * collected meanwhile: at its usual size it is now and then, some seconds after the start, and then nothing is counted.
 */
const YOUNG_SMALL_OLD_LARGE = ["--max-semi-space-size=1", "--initial-old-space-size=1024"];

interface Heap {
  readonly youngBytes: number;
  readonly oldBytes: number;
  readonly collections: number;
  readonly fullCollections: number;
}

/** The least of several attempts, which end with the first below the bound. */
async function least(bound: number, measure: () => Promise<number>): Promise<number> {
  let bytes = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < ATTEMPTS_MAX && bytes >= bound; attempt++)
    bytes = Math.min(bytes, await measure());
  return bytes;
}

async function heap(stack: Stack): Promise<Heap> {
  const text = await (await fetch(`${stack.ingress.adminUrl}/metrics`)).text();
  let youngBytes = 0;
  let oldBytes = 0;
  let collections = 0;
  let fullCollections = 0;
  for (const line of text.split("\n")) {
    const value = Number(line.split(" ").at(-1));
    if (line.startsWith('latchkey_nodejs_heap_space_size_used_bytes{space="new"')) youngBytes = value;
    if (line.startsWith('latchkey_nodejs_heap_space_size_used_bytes{space="old"')) oldBytes = value;
    if (line.startsWith('latchkey_nodejs_gc_duration_seconds_count{kind="major"')) fullCollections += value;
    if (line.startsWith("latchkey_nodejs_gc_duration_seconds_count")) collections += value;
  }
  expect(youngBytes).toBeGreaterThan(0);
  return { youngBytes, oldBytes, collections, fullCollections };
}

/** A stack with one API, and its secret. */
async function start(stack: Stack, upstreamUrl: string): Promise<string> {
  const subscriptionId = await makeSubscription(stack);
  const integrationId = await makeIntegration(stack, subscriptionId, "only", upstreamUrl);
  const routes = ["GET", "POST"].map((method) => ({ method, path: "/orders/{id}", integrationId }));
  const api = await makeApi(stack, subscriptionId, "allocations", routes);
  await enforced(stack, api.revision);
  return api.secret;
}

async function send(client: RawClient, secret: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    client.send(`GET /orders/${i} HTTP/1.1\r\nHost: a\r\nConnxio-Api-Key: ${secret}\r\n\r\n`);
    expect((await client.response()).status).toBe(200);
  }
}

/** Each body in one piece with its head. */
async function post(client: RawClient, secret: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    client.send(
      `POST /orders/${i} HTTP/1.1\r\nHost: a\r\nConnxio-Api-Key: ${secret}\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
    );
    expect((await client.response()).status).toBe(200);
  }
}

const measured: Readonly<Record<string, readonly (readonly [string, typeof send, number])[]>> = {
  uws: [["GET", send, BYTES_MAX.uws]],
  strict: [
    ["GET", send, BYTES_MAX.strict],
    ["POST", post, BYTES_MAX.strictPost],
  ],
};

it.each(engines)("allocates little for a forwarded request: %s (printed)", async (engine) => {
  await using recorder = await Recorder.start();
  const ingressNodeOptions = ["max", "min"].map((bound) => `--${bound}-semi-space-size=${SEMI_SPACE}`);
  await using stack = await Stack.start({ engine, ingressNodeOptions });
  const secret = await start(stack, `${recorder.url}/only`);
  expect(stack.ingress.process.output).toMatch(
    engine === "uws" ? /"engine":"uWebSockets/ : /"engine":"the strict/,
  );

  using client = await RawClient.connect(Number(new URL(stack.ingress.url).port));
  for (const [method, sendSome, bytesMax] of measured[engine] ?? []) {
    await sendSome(client, secret, WARM_UP);
    const bytes = await least(bytesMax, async () => {
      const first = await heap(stack);
      const before = await heap(stack);
      await sendSome(client, secret, REQUESTS);
      const after = await heap(stack);
      // Nothing can be counted when something was collected meanwhile.
      if (after.collections !== first.collections) return Number.POSITIVE_INFINITY;
      const ofReading = before.youngBytes - first.youngBytes;
      return (after.youngBytes - before.youngBytes - ofReading) / REQUESTS;
    });
    console.info(`${engine}, ${method}: ${bytes.toFixed(0)} bytes allocated a forwarded request`);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(bytesMax);
  }
});

/** Bytes that reach the old generation for each of `count` requests; 16 clients at a time. */
async function promotedBytes(stack: Stack, count: number, sendAll: () => Promise<void>): Promise<number> {
  /** Readings between them make what the gateway holds grow old. */
  const rounds = async (): Promise<void> => {
    for (let i = 0; i < ROUNDS; i++) {
      await sendAll();
      for (let reading = 0; reading < READINGS; reading++) await heap(stack);
    }
  };
  await rounds();
  const first = await heap(stack);
  for (let i = 0; i < ROUNDS * READINGS; i++) await heap(stack);
  const before = await heap(stack);
  await rounds();
  const after = await heap(stack);
  expect(after.fullCollections, "the old generation was not collected meanwhile").toBe(first.fullCollections);
  const ofReadings = before.oldBytes - first.oldBytes;
  return (after.oldBytes - before.oldBytes - ofReadings) / (ROUNDS * count);
}

it.each(engines)(
  "keeps nothing of a request or connection that is over in the old generation: %s (printed)",
  async (engine) => {
    await using recorder = await Recorder.start();
    await using stack = await Stack.start({ engine, ingressNodeOptions: YOUNG_SMALL_OLD_LARGE });
    const secret = await start(stack, `${recorder.url}/only`);
    const port = Number(new URL(stack.ingress.url).port);
    const clients = await Promise.all(Array.from({ length: CLIENTS }, () => RawClient.connect(port)));
    const ofRequests = () =>
      promotedBytes(stack, CLIENTS * EACH, async () => {
        await Promise.all(clients.map((client) => send(client, secret, EACH)));
      });
    const bytes = await least(PROMOTED_BYTES_MAX, ofRequests);
    for (const client of clients) client[Symbol.dispose]();
    console.info(`${engine}: ${bytes.toFixed(0)} bytes of a forwarded request reach the old generation`);
    expect(bytes).toBeLessThan(PROMOTED_BYTES_MAX);
    if (engine !== "strict") return;
    const oneRequestEach = async (): Promise<void> => {
      for (let i = 0; i < EACH; i++) {
        using client = await RawClient.connect(port);
        await send(client, secret, 1);
      }
    };
    const ofConnections = () =>
      promotedBytes(stack, CLIENTS * EACH, async () => {
        await Promise.all(Array.from({ length: CLIENTS }, oneRequestEach));
      });
    const ofConnection = await least(PROMOTED_OF_CONNECTION_MAX, ofConnections);
    console.info(`strict: ${ofConnection.toFixed(0)} bytes of a connection with one request reach it`);
    expect(ofConnection).toBeLessThan(PROMOTED_OF_CONNECTION_MAX);
  },
);
