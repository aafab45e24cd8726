import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { ConsolePage } from "./support/console-page.js";
import type { Dev } from "./support/dev.js";
import { requestDrawer as drawer, openRequest } from "./support/request-drawer.js";
import { poll, suite } from "./support/suite.js";

interface Sent {
  readonly status: number;
  readonly interchangeId: string;
}

async function send(dev: Dev, path: string, key: string | null, interchangeId?: string): Promise<Sent> {
  const headers = new Headers();
  if (key !== null) headers.set("Connxio-Api-Key", key);
  if (interchangeId !== undefined) headers.set("InterchangeId", interchangeId);
  const response = await fetch(new URL(path, dev.report.ingressUrl), { headers });
  await response.arrayBuffer();
  return { status: response.status, interchangeId: response.headers.get("InterchangeId") ?? "" };
}

const table = (page: Page) => page.getByRole("table", { name: "requests" });

/** Reads the list again until it has a row with the text: a node reports once a second. */
async function listed(page: Page, text: string): Promise<void> {
  await poll(async () => {
    await page.getByRole("button", { name: "Refresh" }).click();
    return await table(page).getByText(text).first().isVisible();
  }).toBe(true);
}

suite("requests", (given) => {
  it("tells why a client gets 401: by the interchange id of its response, in two clicks", async () => {
    const { dev, inWindow } = given();
    const wrong = `lk_${"wrong".repeat(9)}`;
    const sent = await send(dev, "/orders/why?secret=in-the-query", wrong);
    expect(sent.status).toBe(401);
    await inWindow(async (window) => {
      const { page } = window;
      await window.go("/");
      await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Requests" }).click();
      await page.getByRole("searchbox", { name: "Interchange id" }).fill(sent.interchangeId);
      await listed(page, "/orders/why");
      await table(page)
        .getByRole("link", { name: /\/orders\/why/ })
        .click();
      await drawer(page).getByRole("heading", { name: "The API key is not known." }).waitFor();
      const reason = drawer(page).getByRole("region", { name: "Why it failed" });
      expect(await reason.textContent()).toContain("key.unknown");
      await reason.getByText("What to check:").waitFor();
      await reason.getByText("The client has to act.").waitFor();
      const text = (await drawer(page).textContent()) ?? "";
      expect(text).toContain("None that is known");
      expect(text).not.toContain("in-the-query");
      expect(text).not.toContain(wrong.slice(0, 12));
    });
  });

  it("shows what was sent for an interchange id: route, integration, attempt, times, curl, Try it", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Traced", { routes: ["GET /orders/{id} north"], isRecoverable: true });
    const id = `traced-${Date.now()}`;
    await poll(async () => (await send(dev, "/orders/7?token=hidden", api.secret, id)).status).toBe(200);
    await inWindow(async (window) => {
      const { page } = window;
      await openRequest(window, id);
      const facts = drawer(page).getByRole("definition");
      await facts.getByRole("link", { name: "Traced" }).waitFor();
      await facts.getByText("/orders/{id}").waitFor();
      await facts.getByRole("link", { name: "north" }).waitFor();
      await facts.getByRole("link", { name: "node-1" }).waitFor();
      await drawer(page)
        .getByRole("region", { name: "Attempts" })
        .getByText(/^http:\/\//)
        .waitFor();
      await drawer(page).getByText("Waiting for the first byte").waitFor();
      await drawer(page).getByRole("button", { name: "Copy as curl" }).click();
      await drawer(page).getByRole("button", { name: "Copied" }).waitFor();
      const line = await window.clipboard();
      expect(line).toContain(`${dev.report.ingressUrl}/orders/7`);
      expect(line).toContain(`InterchangeId: ${id}`);
      for (const secret of [api.secret, "hidden"]) expect(line).not.toContain(secret);
      await drawer(page).getByRole("link", { name: "Open in “Try it”" }).click();
      await page.getByRole("dialog", { name: "Try it" }).getByRole("button", { name: "Send" }).waitFor();
      expect(window.address).toContain(`/apis/${api.id}?try=GET+%2Forders%2F%7Bid%7D`);
    });
  });

  it("leads from a failed request to the very integration, key or node that its error is about", async () => {
    const { dev, inWindow } = given();
    const { subscriptionId } = await dev.sampleIds();
    const { integration } = await dev.mutate<{ integration: { id: string } }>(
      "createIntegration",
      { subscriptionId, name: "Gone", urls: ["http://127.0.0.1:9/"] },
      "integration { id }",
    );
    const api = await dev.makeApi("Broken", { routes: ["GET /broken/{id} north"], isRecoverable: true });
    const [route] = (
      await dev.graphql<{ api: { routes: { id: string }[] } }>(`{ api(id: "${api.id}") { routes { id } } }`)
    ).api.routes;
    await dev.mutate("updateRoute", { id: route?.id, integrationId: integration.id }, "route { id }");
    await poll(async () => (await send(dev, "/broken/1", api.secret, "broken-integration")).status).toBe(502);
    await dev.mutate("updateApiKey", { id: api.keyId, active: false }, "key { id }");
    await poll(async () => (await send(dev, "/broken/2", api.secret, "broken-key")).status).toBe(403);
    await inWindow(async (window) => {
      const { page } = window;
      const reason = drawer(page).getByRole("region", { name: "Why it failed" });
      await openRequest(window, "broken-integration");
      await reason.getByRole("link", { name: "Integration Gone" }).click();
      await poll(() => window.address).toBe(`/integrations/${integration.id}`);
      await openRequest(window, "broken-key");
      await reason.getByRole("link", { name: /^Key / }).click();
      await poll(() => window.address).toBe(`/apis/${api.id}/keys/${api.keyId}`);

      await dev.mutate("updateApiKey", { id: api.keyId, active: true }, "key { id }");
      await window.go(`/apis/${api.id}?try=GET%20/broken/{id}`);
      const dialog = page.getByRole("dialog", { name: "Try it" });
      await dialog.getByRole("group", { name: "Path parameters" }).getByLabel("id").fill("3");
      await poll(async () => {
        await dialog.getByRole("button", { name: "Send" }).click();
        return await dialog.getByText("The gateway has no response of the integration.").isVisible();
      }).toBe(true);
      await dialog.getByRole("link", { name: "Integration Gone" }).click();
      await poll(() => window.address).toBe(`/integrations/${integration.id}`);
    });
  });

  it("finds by outcome, status, code, key and path, keeps it in the address, and has a way back", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Filtered", { routes: ["GET /found/{id} north"] });
    await poll(async () => (await send(dev, "/found/1", api.secret)).status).toBe(200);
    expect((await send(dev, "/lost/1", api.secret)).status).toBe(404);
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}`);
      await page
        .getByRole("navigation", { name: "Views of this API" })
        .getByRole("link", { name: "Requests" })
        .click();
      await listed(page, "/lost/1");
      await table(page).getByText("/found/1").first().waitFor();
      await page.getByRole("img", { name: /^Kept requests/ }).waitFor();
      await page.getByLabel("Outcome").selectOption("FAILED");
      await poll(() => table(page).getByText("/found/1").count()).toBe(0);
      await table(page).getByText("route.not_found").first().waitFor();
      await page.getByLabel("Path contains").fill("/nothing/like/it");
      await page.getByLabel("Path contains").press("Enter");
      await page.getByText("No request matches").waitFor();
      expect(window.address).toBe(`/apis/${api.id}/requests?outcome=FAILED&path=%2Fnothing%2Flike%2Fit`);
      await page.getByRole("button", { name: "Clear filters" }).click();
      await table(page).getByText("/found/1").first().waitFor();
      await page.getByLabel("Status").fill("404");
      await page.getByLabel("Status").press("Enter");
      await poll(() => table(page).getByText("/found/1").count()).toBe(0);
      await window.go(`/requests?key=${api.keyId}&code=route.not_found`);
      await table(page).getByText("/lost/1").first().waitFor();
      expect(await table(page).getByText("/found/1").count()).toBe(0);
      await page.getByLabel("Time", { exact: true }).selectOption("Custom range");
      await poll(() => page.getByLabel("From").inputValue()).not.toBe("");
      await table(page).getByText("/lost/1").first().waitFor();
      await page.getByLabel("Until").fill("2020-01-31T12:00");
      await page.getByLabel("From").fill("2020-01-31T11:00");
      await page.getByText("No request matches").waitFor();
      expect(window.address).toContain("range=custom&since=2020-01-31T11%3A00&until=2020-01-31T12%3A00");
      await page.getByLabel("Until").fill("2037-01-31T12:00");
      await table(page).getByText("/lost/1").first().waitFor();
    });
  });

  it("leads from an integration to its requests, and shows what it filters by", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Two targets", { routes: ["GET /up/{id} north", "GET /down/{id} south"] });
    for (const path of ["/up/1", "/down/1"])
      await poll(async () => (await send(dev, path, api.secret)).status).toBe(200);
    const { integrations } = await dev.sampleIds();
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/integrations/${integrations.north}`);
      await page.getByRole("main").getByRole("link", { name: "Requests" }).click();
      await listed(page, "/up/1");
      expect(await table(page).getByText("/down/1").count()).toBe(0);
      const filter = page.getByRole("combobox", { name: "Integration" });
      await poll(() => filter.inputValue()).toBe("north");
      await filter.click();
      await page.getByRole("option", { name: /south/ }).click();
      await table(page).getByText("/down/1").first().waitFor();
      expect(await table(page).getByText("/up/1").count()).toBe(0);
      expect(window.address).toBe(`/requests?integration=${integrations.south}`);
    });
  });

  it("closes on a phone what is seldom filtered by, and says how many filters are set there", async () => {
    const { inWindow } = given();
    await inWindow(
      async (window) => {
        const { page } = window;
        await window.go("/requests");
        await page.getByText("More filters", { exact: true }).click();
        await page.getByLabel("Path contains").fill("/orders/");
        await page.getByLabel("Path contains").press("Enter");
        await page.getByText("More filters: 1 set", { exact: true }).waitFor();
        await window.go("/requests?path=%2Forders%2F&status=404");
        await page.getByText("More filters: 2 set", { exact: true }).waitFor();
        expect(await page.getByLabel("Path contains").count()).toBe(0);
        await page.setViewportSize({ width: 1440, height: 900 });
        await page.getByLabel("Path contains").waitFor();
      },
      { width: 375, height: 812 },
    );
  });

  it("follows requests as they come, with the same filter, and opens one by keyboard", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Followed", { routes: ["GET /followed/{id} north"] });
    await poll(async () => (await send(dev, "/followed/first", api.secret)).status).toBe(200);
    await inWindow(async (window: ConsolePage) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/requests?outcome=FAILED`);
      await page.getByRole("button", { name: "Follow" }).click();
      let sent = 0;
      await poll(async () => {
        await send(dev, `/missing/${sent++}`, api.secret);
        await send(dev, "/followed/again", api.secret);
        return await table(page).getByText("/missing/").first().isVisible();
      }).toBe(true);
      expect(await table(page).getByText("/followed/").count()).toBe(0);
      await page.getByRole("button", { name: "Stop following" }).click();
      await table(page).getByRole("link").first().focus();
      await page.keyboard.press("Enter");
      await drawer(page).getByRole("heading", { name: "No route of this API matches the path." }).waitFor();
      await drawer(page).getByRole("link", { name: "Routes of this API" }).waitFor();
      await page.keyboard.press("Escape");
      await drawer(page).waitFor({ state: "detached" });
      expect(window.address).not.toContain("message=");
    });
  });

  it("says that a request is not kept, and what failed to load", async () => {
    const { inWindow } = given();
    await inWindow(async (window) => {
      const { page } = window;
      await window.go("/requests?message=never-sent");
      await drawer(page).getByText("is kept.", { exact: false }).waitFor();
      await page.keyboard.press("Escape");
      await page.route("**/graphql", async (route) => {
        if ((route.request().postData() ?? "").includes("query Messages("))
          await route.fulfill({ json: { errors: [{ message: "The trail cannot be read." }] } });
        else await route.fallback();
      });
      await page.getByRole("button", { name: "Refresh" }).click();
      await page.getByText("The trail cannot be read.").waitFor();
      await page.getByRole("button", { name: "Try again" }).waitFor();
    });
  });
});
