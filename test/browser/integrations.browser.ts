/** An integration's page: its connection, the routes that lead to it, and every field. */
import { Upstream } from "@latchkey/testkit";
import { expect, it } from "vitest";
import { hasFocus, poll, suiteAlone } from "./support/suite.js";

suiteAlone("integrations", (given) => {
  it("leads selected routes to another integration, which responds at once, and back by Undo", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Swapped", {
      routes: ["GET /swapped/one north", "GET /swapped/two north"],
    });
    const { integrations } = await dev.sampleIds();
    const reached = async (path: string) => {
      const response = await fetch(new URL(path, dev.report.ingressUrl), {
        headers: { "Connxio-Api-Key": api.secret },
      });
      return response.ok ? ((await response.json()) as { integration: string }).integration : response.status;
    };
    await poll(() => reached("/swapped/one")).toBe("north");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/integrations/${integrations.north}`);
      const used = page.getByRole("region", { name: /^Used by/ });
      await used.getByRole("searchbox", { name: "Filter routes" }).fill("swapped/one");
      await poll(() => used.getByRole("row", { name: /swapped/ }).count()).toBe(1);
      await used.getByRole("checkbox", { name: "Select GET /swapped/one of Swapped" }).check();
      expect(await window.seriousFindings()).toEqual([]);
      await used.getByRole("combobox", { name: "Use another integration on 1 route" }).click();
      await page.getByRole("option", { name: /south/ }).click();
      await page.getByText("1 route moved to “south”").waitFor();
      await poll(() => reached("/swapped/one")).toBe("south");
      expect(await reached("/swapped/two")).toBe("north");
      await page.getByRole("button", { name: "Undo" }).click();
      await poll(() => reached("/swapped/one")).toBe("north");
    });
  });

  it("leads to a section by its link, with the focus, and marks the one in sight", async () => {
    const { dev, inWindow } = given();
    const { integrations } = await dev.sampleIds();
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/integrations/${integrations.north}`);
      const links = page.getByRole("navigation", { name: "Sections of this page" });
      const current = () => links.locator("[aria-current]").textContent();
      await poll(current).toBe("Integration");
      await links.getByRole("button", { name: "Resilience" }).click();
      await poll(current).toBe("Resilience");
      await page.keyboard.press("Tab");
      expect(await hasFocus(page.getByLabel("Extra attempts"))).toBe(true);
      await page.mouse.wheel(0, 5_000);
      await poll(current).toMatch(/^Used by/);
    });
  });

  it("tests the connection and names the step that fails", async () => {
    const { dev, inWindow } = given();
    const { subscriptionId, integrations } = await dev.sampleIds();
    const { integration } = await dev.mutate<{ integration: { id: string } }>(
      "createIntegration",
      { subscriptionId, name: "Closed", urls: ["http://127.0.0.1:1/in"] },
      "integration { id }",
    );
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/integrations/${integrations.north}`);
      const panel = page.getByRole("region", { name: "Connection", exact: true });
      await panel.getByRole("button", { name: "Test connection" }).click();
      await panel.getByText(/^It is reached/).waitFor();
      expect(await panel.getByRole("listitem").locator("strong").allTextContents()).toEqual([
        "DNS",
        "TCP",
        "HTTP",
      ]);
      expect(await window.seriousFindings()).toEqual([]);
      await window.go(`/integrations/${integration.id}`);
      await panel.getByRole("button", { name: "Test connection" }).click();
      await panel.getByText("It fails at TCP.").waitFor();
      await panel.getByText(/The connection is refused/).waitFor();
    });
  });

  it("tests the connection without a secret that only nodes have, and says so", async () => {
    const { dev, inWindow } = given();
    const { subscriptionId, integrations } = await dev.sampleIds();
    const { credential } = await dev.mutate<{ credential: { id: string } }>(
      "createCredential",
      {
        subscriptionId,
        name: "On the nodes",
        header: { name: "X-Api-Key" },
        secret: { reference: "env:LATCHKEY_SECRET_X" },
      },
      "credential { id }",
    );
    const { integration } = await dev.graphql<{ integration: { urls: string[] } }>(
      "query ($id: ID!) { integration(id: $id) { urls } }",
      { id: integrations.north },
    );
    const made = await dev.mutate<{ integration: { id: string } }>(
      "createIntegration",
      { subscriptionId, name: "Logs in", urls: integration.urls, credentialIds: [credential.id] },
      "integration { id }",
    );
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/integrations/${made.integration.id}`);
      const panel = page.getByRole("region", { name: "Connection", exact: true });
      await panel.getByRole("button", { name: "Test connection" }).click();
      await panel
        .getByText("Tested without the credential “On the nodes”. Only nodes can read its secret.")
        .waitFor();
      expect(await window.seriousFindings()).toEqual([]);
      await window.screenshot("connection-without-login");
    });
  });

  it("shows on which node a URL gets no requests, since when and why, and so does the overview", async () => {
    const { dev, inWindow } = given();
    const { subscriptionId } = await dev.sampleIds();
    const { integration } = await dev.mutate<{ integration: { id: string } }>(
      "createIntegration",
      {
        subscriptionId,
        name: "Half closed",
        urls: ["http://127.0.0.1:1/closed"],
        circuitBreaker: { failures: 1, openMs: 600_000 },
      },
      "integration { id }",
    );
    const { secret } = await dev.mutate<{ secret: string }>(
      "createApi",
      {
        title: "Half closed",
        subscriptionId,
        routes: [{ method: "GET", path: "/half-closed", integrationId: integration.id }],
      },
      "secret",
    );
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/integrations/${integration.id}`);
      const panel = page.getByRole("region", { name: "Health by node" });
      await panel.getByText("In use").waitFor();
      await poll(() => dev.statusAt("/half-closed", { key: secret })).toBe(503);
      await panel.getByText("Circuit open").waitFor();
      await panel.getByText(/ECONNREFUSED/).waitFor();
      expect(await window.seriousFindings()).toEqual([]);
      await window.go("/");
      await page.getByText(/^1 URL gets no requests from 1 node/).waitFor();
    });
  });

  it("counts what it responded in the last hour, and how long that took", async () => {
    const { dev, inWindow } = given();
    const { subscriptionId } = await dev.sampleIds();
    const statuses = [404, 500];
    await using upstream = await Upstream.start({
      behaviour: () => ({ status: statuses.shift() ?? 200, body: "counted" }),
    });
    const { integration } = await dev.mutate<{ integration: { id: string } }>(
      "createIntegration",
      { subscriptionId, name: "Counted", urls: [upstream.url] },
      "integration { id }",
    );
    const { secret } = await dev.mutate<{ secret: string }>(
      "createApi",
      {
        title: "Counted",
        subscriptionId,
        routes: [{ method: "GET", path: "/counted", integrationId: integration.id }],
      },
      "secret",
    );
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/integrations/${integration.id}`);
      const panel = page.getByRole("region", { name: "Last hour" });
      await panel.getByText("No request was sent to it in this hour.").waitFor();
      await poll(() => dev.statusAt("/counted", { key: secret })).toBe(200);
      await dev.statusAt("/counted", { key: secret });
      await panel.getByText(/^4 requests, 50% failed, (p50 about|too few)/).waitFor();
      await panel.getByRole("img", { name: /^Requests per minute/ }).waitFor();
      await panel.scrollIntoViewIfNeeded();
      expect(await window.seriousFindings()).toEqual([]);
      await window.screenshot("integration-last-hour");
    });
  });

  it("keeps media types and health thresholds that are typed in", async () => {
    const { dev, inWindow } = given();
    const { subscriptionId } = await dev.sampleIds();
    const { integration } = await dev.mutate<{ integration: { id: string } }>(
      "createIntegration",
      { subscriptionId, name: "Thresholds", urls: ["https://thresholds.example/in"] },
      "integration { id }",
    );
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/integrations/${integration.id}`);
      await page.getByRole("textbox", { name: "Health check path" }).fill("/health");
      await page.getByRole("textbox", { name: "Probe timeout" }).fill("1500");
      await page.getByRole("textbox", { name: "Unhealthy after" }).fill("5");
      await page.getByRole("textbox", { name: "Request media types" }).fill("application/json\ntext/csv");
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByText(/^In force on 1 node/).waitFor();
    });
    const stored = await dev.graphql<{ integration: object }>(
      "query ($id: ID!) { integration(id: $id) { requestContentTypes healthCheck { path timeoutMs unhealthyAfter healthyAfter } } }",
      { id: integration.id },
    );
    expect(stored.integration).toEqual({
      requestContentTypes: ["application/json", "text/csv"],
      healthCheck: { path: "/health", timeoutMs: 1_500, unhealthyAfter: 5, healthyAfter: 2 },
    });
  });
});
