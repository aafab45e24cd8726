import { expect, it } from "vitest";
import type { Dev } from "./support/dev.js";
import { poll, suite } from "./support/suite.js";

const OPERATIONS = 1_000;

const described = (summary: string, tag: string, more: object = {}) => ({
  summary,
  tags: [tag],
  responses: { 200: { description: "ok" } },
  ...more,
});

async function importDocument(
  dev: Dev,
  apiId: string,
  paths: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { integrations } = await dev.sampleIds();
  const document = JSON.stringify({ openapi: "3.1.0", info: { title: "Read", version: "v1" }, paths });
  await dev.mutate(
    "importOpenApi",
    { apiId, document, pathPrefix: "", mapping: { default: integrations.north } },
    "api { id }",
  );
}

suite("OpenAPI reader", (given) => {
  it("finds operations by words, shows how clients call one, and has a link for it", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Read", { routes: ["GET /things/{id} north"] });
    await importDocument(dev, api.id, {
      "/things/{id}": { get: described("Get a thing", "things") },
      "/orders": {
        get: described("List orders", "orders"),
        post: described("Place an order", "orders", {
          requestBody: { content: { "application/json": { example: { sku: "A-1", urgent: true } } } },
        }),
      },
    });
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}?view=openapi`);
      const dialog = page.getByRole("dialog", { name: "OpenAPI spec" });
      await dialog.getByText("3 operations").waitFor();
      await dialog.getByLabel("Search operations").fill("place ORDER");
      await dialog.getByText("1 of 3 operations").waitFor();
      expect(await dialog.getByText("/things/{id}").count()).toBe(0);
      await dialog.locator("summary").filter({ hasText: "Place an order" }).click();
      const sample = dialog.getByRole("region", { name: "Code sample" });
      await sample.getByText(`curl -i -X POST ${dev.report.ingressUrl.replace(/\/$/, "")}/orders`).waitFor();
      await dialog.getByText("Python", { exact: true }).click();
      await sample.getByText('"urgent": True').waitFor();
      expect(await window.seriousFindings()).toEqual([]);
      await dialog.getByRole("button", { name: "Copy link" }).click();
      await dialog.getByRole("button", { name: "Copied" }).waitFor();
      const link = new URL(await window.clipboard());
      expect(link.searchParams.get("operation")).toBe("POST /orders");
      await page.goto(link.href);
      await sample.getByText("-X POST").waitFor();
      expect(await sample.count()).toBe(1);
      await page.keyboard.press("Escape");
      await poll(() => window.address).toBe(`/apis/${api.id}`);
    });
  });

  it("shows each item of a list, and a request without what is read-only", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Schemas", { routes: ["POST /pairs north"] });
    const pair = {
      type: "array",
      prefixItems: [{ type: "string" }, { type: "integer", exclusiveMinimum: 6 }],
    };
    const properties = { id: { type: "integer", readOnly: true }, pair: { ...pair, items: false } };
    const schema = { type: "object", properties };
    const requestBody = { content: { "application/json": { schema } } };
    await importDocument(dev, api.id, { "/pairs": { post: described("Add", "pairs", { requestBody }) } });
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}?view=openapi&operation=${encodeURIComponent("POST /pairs")}`);
      const dialog = page.getByRole("dialog", { name: "OpenAPI spec" });
      await dialog.getByText("item 2").waitFor();
      await dialog.getByText("> 6").waitFor();
      await dialog.getByText("read-only").waitFor();
      expect(await dialog.getByText(/^each/).count()).toBe(0);
      const sample = await dialog.getByRole("region", { name: "Code sample" }).textContent();
      expect(sample).toMatch(/"text",\s+7\s/);
      expect(sample).not.toContain('"id"');
    });
  });

  it("searches and opens one of a thousand operations", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Thousand", { routes: ["GET /first north"] });
    const paths = Object.fromEntries(
      Array.from({ length: OPERATIONS }, (_, n) => [
        `/resources/${n}`,
        { get: described(`Get resource ${n}`, `tag ${n % 9}`) },
      ]),
    );
    await importDocument(dev, api.id, paths);
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}?view=openapi&operation=${encodeURIComponent("GET /resources/777")}`);
      const dialog = page.getByRole("dialog", { name: "OpenAPI spec" });
      const sample = dialog.getByRole("region", { name: "Code sample" });
      await sample.getByText("/resources/777").waitFor();
      await poll(() => sample.evaluate((part) => part.getBoundingClientRect().top < innerHeight)).toBe(true);
      await dialog.getByLabel("Search operations").fill("resource 412");
      await dialog.getByText(/^1 of 1,00\d operations$/).waitFor();
      await dialog.getByText("/resources/412").waitFor();
    });
  });
});
