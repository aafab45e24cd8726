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
      await window.go(`/apis/${api.id}/try`);
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByText("A path parameter cannot be empty.").waitFor();
      await page.getByLabel("Path parameter id").fill("a/b å");
      await page.getByLabel("Query").fill("x=1&y=ø");
      await page.getByRole("button", { name: "Add header" }).click();
      await page.getByLabel("Name of header 1").fill("cx-note");
      await page.getByLabel("Value of header 1").fill("hello");
      await page.getByLabel("Body", { exact: true }).fill('{"count":3}');
      await page.keyboard.press("Control+Enter");
      const body = page.getByRole("region", { name: "Body of the response" });
      await body.waitFor();
      const echo = JSON.parse((await body.textContent()) ?? "") as Record<string, Record<string, string>>;
      // The method is not passed along; parameters, query, headers and body are.
      expect(echo).toMatchObject({
        method: "POST",
        integration: "north",
        body: { count: 3 },
        query: { x: "1", y: "ø" },
      });
      expect(echo.headers).toMatchObject({ "cx-path-id": expect.any(String), "cx-note": "hello" });
      expect(echo.headers).not.toHaveProperty("connxio-api-key");
      await page.getByText("200 OK").waitFor();
      await page.getByText(/first byte/).waitFor();
      await page.getByText("and reached").locator("..").getByRole("link", { name: "north" }).waitFor();
      await page.getByRole("button", { name: "Copy line" }).click();
      await page.getByRole("button", { name: "Copied" }).waitFor();
      const line = await window.clipboard();
      expect(line).toContain(`curl -i -X PUT '${dev.report.ingressUrl}/orders/a%2Fb%20%C3%A5?x=1&y=%C3%B8'`);
      expect(line).toContain(api.secret);
      expect(await page.getByRole("region", { name: "curl line" }).textContent()).not.toContain(api.secret);
    });
  });

  it("shows what the gateway itself refuses, and that no integration was asked", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Refused");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/try`);
      await page.getByLabel("Path parameter id").fill("1");
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByText("Paste a key of this API first.").waitFor();
      await page.getByLabel("API key", { exact: true }).fill("lk_wrong");
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByText(/^401/).waitFor();
      await page.getByText("The gateway refused the request").waitFor();
      await page.getByLabel("API key", { exact: true }).fill(api.secret);
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
      await window.go(`/apis/${api.id}/try`);
      await page.getByLabel("Path parameter id").fill("7");
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

  it("shows in the sandbox that one path with two keys reaches two integrations", async () => {
    const { inWindow } = given();
    await inWindow(async (window) => {
      const { page } = window;
      await window.go("/sandbox");
      await page.getByRole("combobox", { name: "API of key A" }).waitFor();
      await poll(() => page.getByLabel("Path", { exact: true }).inputValue()).not.toBe("");
      await page.getByRole("button", { name: "Send with both keys" }).click();
      await page
        .getByText(
          /Same method, same path\. The key alone decided: (north|south) got one, (north|south) the other\./,
        )
        .waitFor();
      const reached = await Promise.all(
        ["Key A", "Key B"].map((name) =>
          page.getByRole("region", { name, exact: true }).getByRole("link").first().textContent(),
        ),
      );
      expect(new Set(reached)).toEqual(new Set(["north", "south"]));
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
      await page.getByLabel("Route").selectOption({ label: "GET /quiet" });
      await poll(requests).toBe(0);
      await page.getByLabel("Route").selectOption({ label: "GET /busy/{id}" });
      await poll(requests).toBeGreaterThan(0);
      await page.getByLabel("Node").selectOption({ label: "node-1" });
      await poll(requests).toBeGreaterThan(0);
      await page.getByRole("img", { name: /^Requests per second\. all: now/ }).waitFor();
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
