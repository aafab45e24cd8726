/** Policies in the forms of APIs, routes, integrations and keys: what is typed in is what nodes enforce. */
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { poll, suiteAlone } from "./support/suite.js";

const text = (page: Page, name: string) => page.getByRole("textbox", { name, exact: true });
const save = (page: Page) => page.getByRole("button", { name: "Save", exact: true });
const inForce = (page: Page) => page.getByText(/^In force on 1 node/).waitFor();

suiteAlone("policies", (given) => {
  it("of a route: body size, rate limit and header rules, with errors beside the field", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Route policies", { routes: ["POST /limited north", "POST /free north"] });
    const send = async (path: string, body: string) => {
      const headers = { "Connxio-Api-Key": api.secret, "content-type": "text/plain" };
      const response = await fetch(new URL(path, dev.report.ingressUrl), { method: "POST", headers, body });
      const echo = response.ok ? ((await response.json()) as { headers: Record<string, string> }) : null;
      return { status: response.status, headers: response.headers, received: echo?.headers ?? {} };
    };
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}`);
      await page.getByRole("button", { name: /^Operation of route 1/ }).click();
      const policies = page.getByRole("group", { name: "Policies of route 1" });
      await policies.getByRole("textbox", { name: "Largest request body" }).fill("10");
      await policies.getByRole("textbox", { name: "Quota", exact: true }).fill("1000");
      await policies.getByRole("textbox", { name: "Request header rules" }).fill("set Host: elsewhere");
      await policies.getByRole("textbox", { name: "Response header rules" }).fill("set X-From: gateway");
      await save(page).click();
      await page.getByText("Nothing was saved: see the messages in red.").waitFor();
      const refused = policies.getByRole("textbox", { name: "Request header rules" });
      expect(await refused.getAttribute("aria-invalid")).toBe("true");
      await refused.fill("set X-Tenant: north");
      expect(await window.seriousFindings()).toEqual([]);
      await save(page).click();
      await inForce(page);
      await page.getByRole("button", { name: /^Operation of route 1.*has limits or header rules/ }).waitFor();
      expect(await page.getByRole("button", { name: /^Operation of route 2.*has limits/ }).count()).toBe(0);
    });
    const allowed = await send("/limited", "short");
    expect(allowed.status).toBe(200);
    expect(allowed.received["x-tenant"]).toBe("north");
    expect(allowed.headers.get("x-from")).toBe("gateway");
    expect(allowed.headers.get("ratelimit-policy")).toContain("1000");
    expect((await send("/limited", "longer than ten")).status).toBe(413);
    expect((await send("/free", "longer than ten")).status).toBe(200);
  });

  it("of an API and an integration: limits, addresses, owner, labels and metadata", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("API policies", { routes: ["GET /guarded north"] });
    const status = () => dev.statusAt("/guarded", { key: api.secret });
    await poll(status).toBe(200);
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}`);
      await text(page, "Denied addresses").fill("not an address");
      await text(page, "Rate limit").fill("500");
      await page.getByRole("combobox", { name: "Window of the rate limit" }).selectOption("per minute");
      await text(page, "Owner").fill("Orders team");
      await page.getByRole("combobox", { name: "Labels" }).pressSequentially("team:orders,pci,");
      await text(page, "Metadata").fill("ticket=OPS-7\nstage = test");
      await save(page).click();
      await page.getByText(/`not an address`/).waitFor();
      await text(page, "Denied addresses").fill("127.0.0.0/8\n::1");
      expect(await window.seriousFindings()).toEqual([]);
      await dev.mutate(
        "updateApi",
        { id: api.id, quota: { limit: 900, windowSeconds: 86_400 } },
        "api { id }",
      );
      await save(page).click();
      await inForce(page);
    });
    await poll(status).toBe(403);
    const { api: stored } = await dev.graphql<{ api: object }>(
      "query ($id: ID!) { api(id: $id) { owner labels metadata rateLimit { limit windowSeconds } quota { limit } ipRules { allow deny } } }",
      { id: api.id },
    );
    expect(stored).toEqual({
      owner: "Orders team",
      labels: ["pci", "team:orders"],
      metadata: { ticket: "OPS-7", stage: "test" },
      rateLimit: { limit: 500, windowSeconds: 60 },
      quota: { limit: 900 },
      ipRules: { allow: [], deny: ["127.0.0.0/8", "::1"] },
    });
    const { subscriptionId } = await dev.sampleIds();
    const { integration } = await dev.mutate<{ integration: { id: string } }>(
      "createIntegration",
      { subscriptionId, name: "Limited", urls: ["https://limited.example/in"] },
      "integration { id }",
    );
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/integrations/${integration.id}`);
      await text(page, "Rate limit").fill("50");
      await page.getByRole("combobox", { name: "Window of the rate limit" }).selectOption("per second");
      await text(page, "Burst of the rate limit").fill("80");
      await save(page).click();
      await inForce(page);
    });
    const limited = await dev.graphql(
      "query ($id: ID!) { integration(id: $id) { rateLimit { limit windowSeconds burst } quota { limit } } }",
      { id: integration.id },
    );
    expect(limited).toEqual({
      integration: { rateLimit: { limit: 50, windowSeconds: 1, burst: 80 }, quota: null },
    });
  });

  it("of a key: owner, labels and metadata, beside what another operator changed", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Key policies", {
      routes: ["GET /things/{id} north", "DELETE /things/{id} north", "GET /others north"],
    });
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/keys`);
      await page.getByRole("button", { name: /^Actions of/ }).click();
      await page.getByRole("menuitem", { name: "Edit" }).click();
      const dialog = page.getByRole("dialog", { name: "Edit key" });
      await dialog.getByRole("textbox", { name: "Owner" }).fill("Partner desk");
      await dialog.getByRole("combobox", { name: "Labels" }).pressSequentially("no!label,");
      await dev.mutate("updateApiKey", { id: api.keyId, metadata: { ticket: "OPS-8" } }, "key { id }");
      await dialog.getByRole("button", { name: "Save" }).click();
      await dialog.getByText(/^A label has 1 to 50/).waitFor();
      await dialog.getByRole("combobox", { name: "Labels" }).click();
      await page.keyboard.press("Backspace");
      await page.keyboard.type("pci,");
      await dialog.getByRole("button", { name: "Save" }).click();
      await dialog.waitFor({ state: "detached" });
      const scopes = [{ method: "GET", path: "/things/{id}" }];
      await dev.mutate("updateApiKey", { id: api.keyId, scopes }, "key { id }");
      await window.go(`/apis/${api.id}/keys/${api.keyId}`);
      await page.getByRole("button", { name: /^Actions of key / }).click();
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("menuitem", { name: "OpenAPI document" }).click(),
      ]);
      const document = JSON.parse(readFileSync(await download.path(), "utf8"));
      expect(Object.keys(document.paths)).toEqual(["/things/{id}"]);
      expect(Object.keys(document.paths["/things/{id}"])).not.toContain("delete");
    });
    const { apiKey } = await dev.graphql<{ apiKey: object }>(
      "query ($id: ID!) { apiKey(id: $id) { owner labels metadata } }",
      { id: api.keyId },
    );
    expect(apiKey).toEqual({ owner: "Partner desk", labels: ["pci"], metadata: { ticket: "OPS-8" } });
  });
});
