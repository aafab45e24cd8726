/**
 * What a forwarded request leaves for the garbage collector, counted and not timed: bytes allocated in a process whose
 * young generation is so large that nothing is collected meanwhile. A guard against a closure or a header object that
 * finds its way into the hot path; raise a bound only with a reason.
 */
import { RawClient } from "@latchkey/testkit";
import { expect, it } from "vitest";
import { Recorder } from "../support/recorder.js";
import { enforced, makeApi, makeIntegration, makeSubscription } from "../support/seed.js";
import { Stack } from "../support/stack.js";

const REQUESTS = 3_000;
const WARM_UP = 3_000;
/** MiB; the young generation is at most three times as large. */
const SEMI_SPACE = 128;

/** Bytes a request, a fifth above what was measured. */
const BYTES_MAX = { uws: 8_800, strict: 8_800 } as const;

interface Heap {
  readonly youngBytes: number;
  readonly collections: number;
}

async function heap(stack: Stack): Promise<Heap> {
  const text = await (await fetch(`${stack.ingress.adminUrl}/metrics`)).text();
  let youngBytes = 0;
  let collections = 0;
  for (const line of text.split("\n")) {
    const value = Number(line.split(" ").at(-1));
    if (line.startsWith('latchkey_nodejs_heap_space_size_used_bytes{space="new"')) youngBytes = value;
    if (line.startsWith("latchkey_nodejs_gc_duration_seconds_count")) collections += value;
  }
  expect(youngBytes).toBeGreaterThan(0);
  return { youngBytes, collections };
}

it.each(["uws", "strict"] as const)(
  "allocates little for a forwarded request: %s (printed)",
  async (engine) => {
    await using recorder = await Recorder.start();
    const ingressNodeOptions = ["max", "min"].map((bound) => `--${bound}-semi-space-size=${SEMI_SPACE}`);
    await using stack = await Stack.start({ engine, ingressNodeOptions });
    const subscriptionId = await makeSubscription(stack);
    const integrationId = await makeIntegration(stack, subscriptionId, "only", `${recorder.url}/only`);
    const routes = [{ method: "GET", path: "/orders/{id}", integrationId }];
    const api = await makeApi(stack, subscriptionId, "allocations", routes);
    await enforced(stack, api.revision);

    expect(stack.ingress.process.output).toMatch(
      engine === "uws" ? /"engine":"uWebSockets/ : /"engine":"the strict/,
    );

    using client = await RawClient.connect(Number(new URL(stack.ingress.url).port));
    const send = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        client.send(`GET /orders/${i} HTTP/1.1\r\nHost: a\r\nConnxio-Api-Key: ${api.secret}\r\n\r\n`);
        expect((await client.answer()).status).toBe(200);
      }
    };
    await send(WARM_UP);
    const first = await heap(stack);
    const before = await heap(stack);
    await send(REQUESTS);
    const after = await heap(stack);
    expect(after.collections, "nothing was collected meanwhile").toBe(first.collections);
    const ofReading = before.youngBytes - first.youngBytes;
    const bytes = (after.youngBytes - before.youngBytes - ofReading) / REQUESTS;
    console.info(`${engine}: ${bytes.toFixed(0)} bytes allocated a forwarded request`);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(BYTES_MAX[engine]);
  },
);
