/** The message trail through GraphQL: with names of what is still there, and with what an error code means. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RequestSampleReport } from "../snapshot/node-observer.js";
import { Fixture, type Json, SETUP_MS_MAX } from "../testing/fixture.js";

const SINCE = "2023-11-14T22:00:00Z";
const UNTIL = "2023-11-14T23:00:00Z";
const AT_MS = Date.parse("2023-11-14T22:30:00Z");

let fixture: Fixture;
let api: Json;
let integrationId: string;

beforeEach(async () => {
  fixture = await Fixture.start();
  fixture.clock.advance(AT_MS + 60_000 - fixture.clock.now());
  const subscriptionId = await fixture.subscription();
  integrationId = await fixture.integration(subscriptionId);
  api = await fixture.api(subscriptionId, {
    routes: [{ method: "GET", path: "/orders/{id}", integrationId }],
  });
}, SETUP_MS_MAX);
afterEach(() => fixture[Symbol.asyncDispose]());

/** Records a request, as a node would report it. */
async function record(more: Partial<RequestSampleReport> = {}): Promise<void> {
  const sample: RequestSampleReport = {
    atMs: AT_MS,
    interchangeId: "x1",
    apiId: api.api.id,
    keyId: api.key.id,
    routeId: api.api.routes[0].id,
    integrationId,
    method: "GET",
    path: "/orders/7",
    status: 504,
    errorCode: "upstream.timeout",
    durationUs: 30_000_500,
    revision: { epoch: 1_000, number: 3 },
    requestBytes: 0,
    responseBytes: 0,
    attempts: [
      {
        url: "https://orders.example/in",
        startedUs: 250,
        waitUs: 100,
        connectUs: 90,
        firstByteUs: 0,
        durationUs: 30_000_000,
        status: 0,
        errorCode: "upstream.timeout",
      },
    ],
    content: null,
    ...more,
  };
  const times = { fromMs: AT_MS, toMs: AT_MS, ageMs: 0 };
  const report = { ...times, counts: [], samples: [sample], dropped: 4, sequence: 0 };
  fixture.messages.record({ nodeId: "node_1", nodeName: "edge-1" }, report);
  await fixture.messages.write();
}

describe("message", () => {
  it("names API, key, route and integration, tells each attempt, and says why it failed", async () => {
    await record();
    const { message } = await fixture.run(
      `{ message(interchangeId: "x1") {
        at nodeName revision { epoch number } method path status errorCode durationMs
        api { title } key { name } route { method path } integration { name }
        attempts { url status errorCode startedMs waitMs connectMs firstByteMs durationMs }
        error { code title meaning check owner retry }
      } }`,
    );
    expect(message).toEqual({
      at: "2023-11-14T22:30:00.000Z",
      nodeName: "edge-1",
      revision: { epoch: 1_000, number: 3 },
      method: "GET",
      path: "/orders/7",
      status: 504,
      errorCode: "upstream.timeout",
      durationMs: 30_000.5,
      api: { title: "Orders API" },
      key: { name: expect.any(String) },
      route: { method: "GET", path: "/orders/{id}" },
      integration: { name: "Orders" },
      attempts: [
        {
          url: "https://orders.example/in",
          status: null,
          errorCode: "upstream.timeout",
          startedMs: 0.25,
          waitMs: 0.1,
          connectMs: 0.09,
          firstByteMs: null,
          durationMs: 30_000,
        },
      ],
      error: {
        code: "upstream.timeout",
        title: "The integration did not respond in time.",
        meaning: expect.stringContaining("No response within the time"),
        check: expect.stringContaining("first-byte"),
        owner: "UPSTREAM",
        retry: "NEVER",
      },
    });
  });

  it("is null when none is kept, and has no names of what is not known or was deleted", async () => {
    expect(await fixture.run(`{ message(interchangeId: "x1") { at } }`)).toEqual({ message: null });
    await record({ keyId: "", apiId: "", routeId: "rte_gone", errorCode: "from.a.newer.node" });
    const { message } = await fixture.run(
      `{ message(interchangeId: "x1") { api { id } apiId key { id } keyId route { id } routeId errorCode error { code } } }`,
    );
    expect(message).toEqual({
      api: null,
      apiId: null,
      key: null,
      keyId: null,
      route: null,
      routeId: "rte_gone",
      errorCode: "from.a.newer.node",
      error: null,
    });
  });
});

describe("messages", () => {
  it("are paged, newest first, and refuse cursors and numbers that are none", async () => {
    for (const [i, id] of ["a", "b", "c"].entries()) await record({ interchangeId: id, atMs: AT_MS + i });
    const page = async (args: string) =>
      (
        await fixture.run(
          `{ messages(${args}) { nodes { interchangeId } pageInfo { hasNextPage endCursor } } }`,
        )
      ).messages;
    const first = await page("first: 2, filter: { outcome: SERVER_ERROR }");
    expect(first).toMatchObject({
      nodes: [{ interchangeId: "c" }, { interchangeId: "b" }],
      pageInfo: { hasNextPage: true },
    });
    expect(await page(`first: 2, after: "${first.pageInfo.endCursor}"`)).toMatchObject({
      nodes: [{ interchangeId: "a" }],
      pageInfo: { hasNextPage: false },
    });
    for (const args of ["first: 0", "first: 101", `after: "no"`])
      expect((await fixture.raw(`{ messages(${args}) { nodes { at } } }`)).errors[0].extensions.code).toBe(
        "BAD_USER_INPUT",
      );
  });

  it("are counted by time, with how many requests are kept", async () => {
    await record();
    await record({ status: 200, errorCode: "" });
    const range = `since: "${SINCE}", until: "${UNTIL}"`;
    const { messageHistogram } = await fixture.run(
      `{ messageHistogram(filter: { ${range} }, buckets: 2) {
        buckets { at succeeded clientErrors serverErrors } countedBackTo coverage { requests kept } } }`,
    );
    expect(messageHistogram).toEqual({
      buckets: [
        { at: "2023-11-14T22:00:00.000Z", succeeded: 0, clientErrors: 0, serverErrors: 0 },
        { at: "2023-11-14T22:30:00.000Z", succeeded: 1, clientErrors: 0, serverErrors: 1 },
      ],
      countedBackTo: null,
      coverage: { requests: 8, kept: 2 },
    });
    const { errors } = await fixture.raw(`{ messageHistogram(filter: {}) { countedBackTo } }`);
    expect(errors[0].message).toContain("`since`");
  });
});
