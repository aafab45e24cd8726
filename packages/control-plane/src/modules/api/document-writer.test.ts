import { DocumentThreads } from "@latchkey/openapi";
import { describe, expect, it } from "vitest";
import type { Api, Route } from "./api.js";
import type { ApiDocuments, DocumentInput } from "./api-document.js";
import { DocumentWriter } from "./document-writer.js";

const settings = { ingressUrl: null, keyHeader: "X-Key" };

function inputOf(title: string, operation: string | null = null): DocumentInput {
  const named = { method: "GET", pattern: "/a", operationId: "get-a", integrationId: "int_1", operation };
  const route = { ...named, requestBodyBytesMax: 0, rateLimit: null, quota: null };
  return {
    api: { title, summary: "", versionLabel: "v1" } as Api,
    routes: [route as unknown as Route],
    components: { schemas: null, tags: null, info: null },
    integrations: new Map(),
    hasWebhookKey: false,
    scopes: [],
  };
}

const large = JSON.stringify({ description: "x".repeat(100_000) });

describe("DocumentWriter", () => {
  it("writes a small document once for a state", async () => {
    const written: string[] = [];
    const documents: ApiDocuments = {
      settings,
      text: ({ api }, version, format) => {
        written.push(`${api.title} ${version} ${format}`);
        return api.title;
      },
    };
    const writer = new DocumentWriter(documents, new DocumentThreads());
    for (const state of ["1", "1", "2", "1"])
      expect(await writer.write({ state, input: inputOf(`of ${state}`) }, "3.1", "json", "sub_1")).toBe(
        `of ${state}`,
      );
    expect(writer.kept("1", "3.1", "json")).toBe("of 1");
    expect(writer.kept("1", "3.1", "yaml")).toBeNull();
    expect(writer.kept("1", "3.0", "json")).toBeNull();
    await writer.write({ state: "1", input: inputOf("of 1") }, "3.1", "yaml", "sub_1");
    expect(written).toEqual(["of 1 3.1 json", "of 2 3.1 json", "of 1 3.1 yaml"]);
  });

  it("writes a large one in a thread, once for all that ask, and refuses more than can wait", async () => {
    const documents: ApiDocuments = {
      settings,
      text: () => {
        throw new Error("not here");
      },
    };
    const writer = new DocumentWriter(documents, new DocumentThreads({ threadsMax: 1, waitingMax: 0 }));
    const input = inputOf("large", large);
    const asked = ["3.0", "3.0", "3.1"].map((version) =>
      writer.write({ state: "1", input }, version as "3.0", "yaml", "sub_1"),
    );
    const [first, second, third] = await Promise.allSettled(asked);
    expect(first).toMatchObject({ status: "fulfilled", value: expect.stringContaining("openapi: 3.0") });
    expect(second).toEqual(first);
    expect(third).toMatchObject({
      status: "rejected",
      reason: { code: "DOCUMENT_BUSY", retryAfterMs: 1_000 },
    });
    const hasty = new DocumentWriter(documents, new DocumentThreads({ cpuMsMax: 0 }));
    await expect(hasty.write({ state: "1", input }, "3.0", "yaml", "sub_1")).rejects.toMatchObject({
      code: "DOCUMENT_TOO_LARGE",
    });
  });
});
