/** `importOpenApi` of documents that take long: nobody waits for another's, and one that takes too long is refused. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { f, integrationId, subscriptionId } from "../../testing/api-fixture.js";
import { Fixture } from "../../testing/fixture.js";
import { document, importApi, ok, setUpImports } from "../../testing/import-fixture.js";

setUpImports();

describe("importOpenApi of large documents", () => {
  it("responds to others while it reads a big document", { timeout: 60_000 }, async () => {
    const path = createRequire(import.meta.url).resolve("@blockfrost/openapi/openapi.yaml");
    const order: string[] = [];
    const importing = importApi({
      document: readFileSync(path, "utf8"),
      subscriptionId,
      mapping: { default: integrationId },
      dryRun: true,
    }).then((payload) => {
      order.push("imported");
      return payload;
    });
    for (let i = 0; i < 5; i++) await f.run("{ apis { totalCount } }");
    order.push("responded");
    expect((await importing).userErrors).toEqual([]);
    expect(order).toEqual(["responded", "imported"]);
  });

  it("lets no subscription wait for all large documents of another one", { timeout: 120_000 }, async () => {
    const path = createRequire(import.meta.url).resolve("@blockfrost/openapi/openapi.yaml");
    const large = readFileSync(path, "utf8");
    const others = await f.subscription();
    const order: string[] = [];
    const read = async (who: string, input: Record<string, unknown>) => {
      const { notes } = await importApi({ mapping: { default: integrationId }, dryRun: true, ...input });
      expect(notes.map(({ code }: { code: string }) => code)).not.toContain("document.too_slow");
      order.push(who);
    };
    const greedy = Array.from({ length: 4 }, () => read("greedy", { document: large, subscriptionId }));
    await read("other", { document: document({ "/a": { get: ok } }), subscriptionId: others });
    await Promise.all(greedy);
    // The first of the large ones may be read as fast.
    expect(order.indexOf("other")).toBeLessThan(2);
  });

  it("says so when a document takes too long, and changes nothing", async () => {
    await using hasty = await Fixture.start({ threadLimits: { cpuMsMax: 1 } });
    const payload = await hasty.mutate(
      "importOpenApi",
      { subscriptionId: await hasty.subscription(), document: document({}) },
      "api { id } notes { severity code pointer message }",
    );
    expect(payload.userErrors).toMatchObject([{ code: "IMPORT_FAILED", field: ["input", "document"] }]);
    expect(payload.notes).toMatchObject([{ severity: "ERROR", code: "document.too_slow", pointer: "" }]);
  });
});
