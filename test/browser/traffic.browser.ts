import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { poll, suite } from "./support/suite.js";

suite("requests through the console", (given) => {
  it("tries a request: parameters, headers, body, response, timing, integration, curl", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Tried", {
      routes: ["PUT /orders/{id} north", "ANY /files/{path*} south"],
      isRecoverable: true,
    });
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}`);
      await page.getByRole("link", { name: "Try route 1" }).click();
      const drawer = page.getByRole("dialog", { name: "Try it" });
      await drawer.getByRole("button", { name: "Send" }).click();
      await drawer.getByText("A path parameter cannot be empty.").waitFor();
      await drawer.getByRole("group", { name: "Path parameters" }).getByLabel("id").fill("a/b å");
      await drawer.getByRole("button", { name: "Add query parameter" }).click();
      await drawer.getByLabel("Name of query parameter 1").fill("y");
      await drawer.getByLabel("Value of query parameter 1").fill("ø");
      await drawer.getByRole("button", { name: "Add header" }).click();
      await drawer.getByLabel("Name of header 1").fill("cx-note");
      await drawer.getByLabel("Value of header 1").fill("hello");
      await drawer.getByLabel("Body", { exact: true }).fill('{"count":3}');
      await page.keyboard.press("Control+Enter");
      const body = drawer.getByRole("region", { name: "Body of the response" });
      await body.waitFor();
      const echo = JSON.parse((await body.textContent()) ?? "") as Record<string, Record<string, string>>;
      // The method is not passed along; parameters, query, headers and body are.
      expect(echo).toMatchObject({
        method: "POST",
        integration: "north",
        body: { count: 3 },
        query: { y: "ø" },
      });
      expect(echo.headers).toMatchObject({ "cx-path-id": expect.any(String), "cx-note": "hello" });
      expect(echo.headers).not.toHaveProperty("connxio-api-key");
      await drawer.getByText("200 OK").waitFor();
      await drawer.getByText(/first byte/).waitFor();
      await drawer.getByText("and reached").locator("..").getByRole("link", { name: "north" }).waitFor();
      await drawer.getByText("curl", { exact: true }).click();
      await drawer.getByRole("button", { name: "Copy as curl" }).click();
      await drawer.getByRole("button", { name: "Copied" }).waitFor();
      const line = await window.clipboard();
      expect(line).toContain(`curl -i -X PUT '${dev.report.ingressUrl}/orders/a%2Fb%20%C3%A5?y=%C3%B8'`);
      expect(line).toContain(api.secret);
      expect(await drawer.getByRole("region", { name: "curl line" }).textContent()).not.toContain(api.secret);
      // The history brings the request back, also after the drawer was closed.
      await page.keyboard.press("Escape");
      await drawer.waitFor({ state: "detached" });
      await page.getByRole("link", { name: "Try it", exact: true }).click();
      await drawer.getByText("History (1)").click();
      await drawer.getByRole("list", { name: "Sent requests" }).getByText("/orders/a%2Fb").click();
      await poll(() => drawer.getByLabel("Value of header 1").inputValue()).toBe("hello");
      await drawer.getByText("200 OK").waitFor();
    });
  });

  it("offers the fields, choices and example bodies that the operation declares", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Declared", { isRecoverable: true, routes: ["POST /things/{id} north"] });
    const document = {
      openapi: "3.1.0",
      info: { title: "Declared", version: "v1" },
      paths: {
        "/things/{id}": {
          post: {
            parameters: [
              { name: "id", in: "path", required: true, schema: { type: "integer" }, example: 17 },
              { name: "state", in: "query", schema: { type: "string", enum: ["new", "paid"] } },
            ],
            requestBody: {
              content: { "application/json": { schema: { $ref: "#/components/schemas/Thing" } } },
            },
            responses: { 200: { description: "ok" } },
          },
        },
      },
      components: { schemas: { Thing: { type: "object", properties: { sku: { const: "A-1" } } } } },
    };
    await dev.mutate(
      "importOpenApi",
      { apiId: api.id, document: JSON.stringify(document), pathPrefix: "" },
      "api { id }",
    );
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/keys?try=POST%20/things/{id}`);
      const drawer = page.getByRole("dialog", { name: "Try it" });
      await drawer.getByLabel("state").selectOption("paid");
      expect(await drawer.getByRole("group", { name: "Path parameters" }).getByLabel("id").inputValue()).toBe(
        "17",
      );
      await poll(() => drawer.getByLabel("Body", { exact: true }).textContent()).toContain('"sku": "A-1"');
      await drawer.getByRole("button", { name: "Send" }).click();
      const body = drawer.getByRole("region", { name: "Body of the response" });
      await body.getByText('"state": "paid"').waitFor();
      await body.getByText('"sku": "A-1"').waitFor();
    });
  });

  it("shows what the gateway itself refuses, and that no integration was asked", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Refused");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/try`);
      await page.getByRole("group", { name: "Path parameters" }).getByLabel("id").fill("1");
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByText("Paste a key of this API first.").waitFor();
      await page.getByLabel("API key", { exact: true }).fill("lk_wrong");
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByText(/^401/).waitFor();
      await page.getByText("The gateway refused the request").waitFor();
      await page.getByRole("link", { name: "Keys of this API" }).waitFor();
      await page.getByLabel("API key", { exact: true }).fill(api.secret);
      await page.getByText("of this API.", { exact: false }).waitFor();
      await poll(async () => {
        await page.getByRole("button", { name: "Send" }).click();
        return await page.getByText("200 OK").isVisible();
      }).toBe(true);
    });
  });

  it("asks before a DELETE request is sent, and stops waiting when it is canceled", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Careful", { isRecoverable: true, routes: ["DELETE /things/{id} north"] });
    await inWindow(async (window) => {
      const { page } = window;
      let sent = 0;
      await page.route(
        ({ pathname }) => pathname === "/try",
        () => {
          sent++;
        },
      );
      await window.go(`/apis/${api.id}?try=`);
      await page.getByRole("group", { name: "Path parameters" }).getByLabel("id").fill("7");
      await page.getByRole("button", { name: "Send" }).click();
      const question = page.getByRole("dialog", { name: "Send a DELETE request?" });
      await question.getByText("/things/7").waitFor();
      expect(sent).toBe(0);
      await question.getByRole("button", { name: "Send DELETE" }).click();
      await poll(() => sent).toBe(1);
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.getByText(/^Canceled\./).waitFor();
    });
  });

  it("compares two keys: one path reaches two integrations", async () => {
    const { dev, inWindow } = given();
    const { apiId, title } = dev.sample(0);
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${apiId}?try=`);
      const drawer = page.getByRole("dialog", { name: "Try it" });
      await drawer.getByLabel("Compare with another key").check();
      // Without a choice it is the first other API, which may be another file's.
      await drawer.getByRole("combobox", { name: "API of the other key" }).click();
      await page
        .getByRole("option", { name: dev.sample(1).title })
        .first()
        .click();
      await drawer.getByLabel("Other key", { exact: true }).waitFor();
      for (const field of await drawer
        .getByRole("group", { name: "Path parameters" })
        .getByRole("textbox")
        .all())
        await field.fill("42");
      await drawer.getByRole("button", { name: "Send with both keys" }).click();
      await drawer
        .getByText(
          /Same method, same path\. The key alone decided: (north|south) got one, (north|south) the other\./,
        )
        .waitFor();
      await drawer.getByRole("region", { name: new RegExp(`^${title} · `) }).waitFor();
    });
  });

  it("draws live traffic by API, route and node, and lists sampled requests without keys", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Busy", { routes: ["GET /busy/{id} north", "GET /quiet south"] });
    await poll(() => dev.statusAt("/busy/0", { key: api.secret })).toBe(200);
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/traffic`);
      await page.getByText("Live", { exact: true }).first().waitFor();
      const tail = page.getByRole("table", { name: /Sampled requests/ });
      let sent = 0;
      await poll(async () => {
        await dev.statusAt(`/busy/${sent++}?secret=in-the-query`, { key: api.secret });
        await dev.statusAt("/not-there", { key: api.secret });
        return await tail.isVisible();
      }).toBe(true);
      await tail.getByText("route.not_found").first().waitFor({ timeout: 30_000 });
      const text = (await tail.textContent()) ?? "";
      expect(text).toContain("node-1");
      expect(text).not.toContain("in-the-query");
      expect(text).not.toContain(api.secret);
      const requests = totalOf(page, /^Requests, 5 min/);
      await poll(requests).toBeGreaterThan(0);
      await page
        .getByRole("img", { name: /^Requests per second/ })
        .locator("title", { hasText: /Revision \d+: Created API Busy/ })
        .waitFor({ state: "attached" });
      await page.getByLabel("Route").selectOption({ label: "GET /quiet" });
      await poll(requests).toBe(0);
      await page.getByLabel("Route").selectOption({ label: "GET /busy/{id}" });
      await poll(requests).toBeGreaterThan(0);
      await page.getByLabel("Node").selectOption({ label: "node-1" });
      await poll(requests).toBeGreaterThan(0);
      await page.getByRole("img", { name: /^Requests per second\. All: now/ }).waitFor();
      await page.getByText("1 hour", { exact: true }).click();
      await poll(totalOf(page, /^Requests, 1 hour/)).toBeGreaterThan(0);
      expect(window.address).toContain("window=1h");
    });
  });
});

function totalOf(page: Page, label: RegExp): () => Promise<number> {
  return async () => {
    const term = page.getByRole("term").filter({ hasText: label });
    const value = await term.locator("xpath=following-sibling::dd").textContent();
    return Number((value ?? "").replaceAll(",", ""));
  };
}
