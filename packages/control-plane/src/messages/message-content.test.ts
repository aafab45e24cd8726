/** Recording is opted in for a time, reaches nodes and the audit log, and what it brings is encrypted where it is kept. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RecordedContentReport } from "../snapshot/node-observer.js";
import { Fixture, type Json, SETUP_MS_MAX } from "../testing/fixture.js";

const HOUR_MS = 3_600_000;
const SELECTION = "api { id version recording { until mask startedBy } }";

let fixture: Fixture;
let api: Json;

async function begin(withoutEncryptionKey = false): Promise<void> {
  fixture = await Fixture.start({ withoutEncryptionKey });
  ({ api } = await fixture.api(await fixture.subscription()));
}
beforeEach(() => begin(), SETUP_MS_MAX);
afterEach(() => fixture[Symbol.asyncDispose]());

const update = (recording: Json): Promise<Json> =>
  fixture.mutate("updateApi", { id: api.id, recording }, SELECTION);

describe("a recording", () => {
  it("is sent to nodes, is in the audit log, and ends when it is taken away", async () => {
    const until = new Date(fixture.clock.now() + 2 * HOUR_MS).toISOString();
    const changed = await update({ forSeconds: 7_200, mask: ["$.b", "$.a", "$.b"] });
    expect(changed.userErrors).toEqual([]);
    expect(changed.api.recording).toEqual({ until, mask: ["$.a", "$.b"], startedBy: "admin" });
    const sent = (await fixture.resources()).get(`api/${api.id}`);
    expect((sent as Json).recording).toEqual({ untilMs: Date.parse(until), mask: ["$.a", "$.b"] });
    expect(await fixture.lastChanges()).toEqual([`upsert api/${api.id}`]);
    const { auditLog } = await fixture.run(
      `{ auditLog(first: 1, filter: { action: "api.update" }) { nodes { before after } } }`,
    );
    expect(auditLog.nodes[0]).toMatchObject({
      before: { recording: null },
      after: { recording: { untilMs: Date.parse(until) } },
    });
    // Another change leaves it, and a copy has none.
    await fixture.mutate("updateApi", { id: api.id, title: "Other" }, SELECTION);
    const copy = await fixture.mutate("duplicateApi", { id: api.id }, "api { recording { until } }");
    expect(copy.api.recording).toBeNull();
    expect((await update(null)).api.recording).toBeNull();
    expect((await fixture.resources()).get(`api/${api.id}`)).toMatchObject({ recording: null });
  });

  it("is refused beyond a day, for no time, with a path that is none, and without an encryption key", async () => {
    for (const [recording, field] of [
      [{ forSeconds: 86_401 }, ["input", "recording", "forSeconds"]],
      [{ forSeconds: 0 }, ["input", "recording", "forSeconds"]],
      [{ forSeconds: 3_600, mask: ["$.a", "a.b"] }, ["input", "recording", "mask", "1"]],
      [
        { forSeconds: 3_600, mask: Array.from({ length: 51 }, (_, i) => `$.a${i}`) },
        ["input", "recording", "mask"],
      ],
    ] as const) {
      const { api: changed, userErrors } = await update(recording);
      expect([changed, userErrors.map((error: Json) => error.field)]).toEqual([null, [field]]);
    }
    await fixture[Symbol.asyncDispose]();
    await begin(true);
    expect((await update({ forSeconds: 86_400 })).userErrors).toMatchObject([{ code: "NOT_RECOVERABLE" }]);
  });
});

describe("headers and bodies", () => {
  const content: RecordedContentReport = {
    request: {
      headers: ["accept", "*/*", "x-note", "a"],
      target: "/a?page=2",
      method: "PUT",
      body: '{"order":7}',
      bodyState: "whole",
    },
    response: {
      headers: ["content-type", "text/plain"],
      target: "",
      method: "",
      body: "beginning",
      bodyState: "truncated",
    },
    upstreamRequest: { headers: ["accept", "*/*"], target: "/in?page=2", method: "POST" },
    upstreamResponse: null,
  };
  const report = (interchangeId: string, of: RecordedContentReport | "no-room" | null) => {
    const sample = {
      atMs: fixture.clock.now(),
      interchangeId,
      apiId: api.id,
      keyId: "",
      routeId: "",
      integrationId: "",
      method: "POST",
      path: "/a",
      status: 200,
      errorCode: "",
      durationUs: 1,
      revision: null,
      requestBytes: 0,
      responseBytes: 0,
      attempts: [],
      content: of,
    };
    const times = { fromMs: 0, toMs: 0, ageMs: 0 };
    const batch = { ...times, counts: [], samples: [sample], dropped: 0, sequence: 0 };
    fixture.messages.record({ nodeId: "node_1", nodeName: "edge-1" }, batch);
  };

  it("are shown with their message alone, and those of others are not there", async () => {
    report("with", content);
    report("without", null);
    report("too-many", "no-room");
    await fixture.messages.write();
    const head = "method target headers { name value }";
    const fields = `${head} body bodyState`;
    const read = vi.spyOn(fixture.messages, "content");
    const { messages } = await fixture.run(
      `{ messages(first: 5) { nodes { interchangeId contentMissing content {
        request { ${fields} } response { ${fields} } upstreamRequest { ${head} } upstreamResponse { ${head} }
      } } } }`,
    );
    expect(read).toHaveBeenCalledTimes(3);
    expect(messages.nodes).toEqual([
      { interchangeId: "too-many", contentMissing: "NO_ROOM", content: null },
      { interchangeId: "without", contentMissing: "NOT_RECORDED", content: null },
      {
        interchangeId: "with",
        contentMissing: null,
        content: {
          request: {
            method: "PUT",
            target: "/a?page=2",
            headers: [
              { name: "accept", value: "*/*" },
              { name: "x-note", value: "a" },
            ],
            body: '{"order":7}',
            bodyState: "WHOLE",
          },
          upstreamRequest: {
            method: "POST",
            target: "/in?page=2",
            headers: [{ name: "accept", value: "*/*" }],
          },
          upstreamResponse: null,
          response: {
            method: null,
            target: null,
            headers: [{ name: "content-type", value: "text/plain" }],
            body: "beginning",
            bodyState: "TRUNCATED",
          },
        },
      },
    ]);
  });

  it("are dropped, not their message, beyond what may wait to be written", async () => {
    const large = { ...content, request: { ...content.request, body: "x".repeat(16_384) } };
    for (let i = 0; i < 600; i++) report(`m${i}`, large);
    await fixture.messages.write();
    const of = async (id: string) =>
      (
        await fixture.run(
          `{ message(interchangeId: "${id}") { contentMissing content { request { bodyState } } } }`,
        )
      ).message;
    expect(await of("m0")).toEqual({ contentMissing: null, content: { request: { bodyState: "WHOLE" } } });
    expect(await of("m599")).toEqual({ contentMissing: "NO_ROOM", content: null });
  });
});
