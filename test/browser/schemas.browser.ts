import { expect, it } from "vitest";
import { suite } from "./support/suite.js";

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: object) => ({ content: { "application/json": { schema } } });

const document = {
  openapi: "3.1.0",
  info: { title: "Shop", version: "1.0.0" },
  tags: [{ name: "orders", description: "What customers order." }],
  paths: {
    "/orders": {
      post: {
        tags: ["orders"],
        requestBody: { required: true, ...json(ref("Order")) },
        responses: {
          201: { description: "Created.", ...json(ref("Order")) },
          409: { description: "Twice." },
        },
      },
    },
  },
  components: {
    schemas: {
      Order: { type: "object", properties: { lines: { type: "array", items: ref("Line") } } },
      Line: { type: "object", properties: { sku: { type: "string" } } },
    },
  },
};

suite("what an API carries", (given) => {
  it("shows tags, schemas and where they are used, and an operation's body and responses", async () => {
    const { dev, inWindow } = given();
    const { subscriptionId, integrations } = await dev.sampleIds();
    const { api } = await dev.mutate<{ api: { id: string } }>(
      "importOpenApi",
      { document: JSON.stringify(document), subscriptionId, mapping: { default: integrations.north } },
      "api { id }",
    );
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}`);
      await page.getByRole("button", { name: "Operation of route 1" }).click();
      const panel = page.getByRole("group", { name: "Operation of route 1" });
      const messages = panel.getByRole("definition");
      expect(await messages.allTextContents()).toEqual([
        "application/json Order",
        "Created.application/json Order",
        "Twice.No body",
      ]);
      await page.getByRole("link", { name: "Schemas", exact: true }).click();
      await page.getByText("Used by 1 operation").waitFor();
      await page.getByText("What customers order.").click();
      await page.getByText("/orders").locator("visible=true").first().waitFor();
      await page.getByText("Used by 1 schema").click();
      await page.getByRole("link", { name: "Order", exact: true }).click();
      await page.getByText("lines").waitFor();
      expect(window.address).toBe(`/apis/${api.id}/schemas`);
      expect(new URL(page.url()).hash).toBe("#Order");
      await page.getByRole("searchbox", { name: "Search schemas" }).fill("lin");
      await page.getByText("Used by 1 operation").waitFor({ state: "detached" });
    });
  });
});
