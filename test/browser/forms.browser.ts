/** Forms send what was changed, keep what they do not show, and merge with what others saved. */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { Dev } from "./support/dev.js";
import { hasFocus, poll, suite } from "./support/suite.js";

const save = (page: Page) => page.getByRole("button", { name: "Save", exact: true });
const text = (page: Page, name: string) => page.getByRole("textbox", { name, exact: true });
const conflict = (page: Page, noun: string) =>
  page.getByRole("dialog", { name: `Someone else changed this ${noun}` });

async function menuOf(page: Page, name: string, item: string): Promise<void> {
  await page.getByRole("button", { name }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

interface StoredKey {
  readonly name: string;
  readonly expiresAt: string;
  readonly rateLimit: unknown;
  readonly quota: unknown;
}

async function storedKey(dev: Dev, id: string): Promise<StoredKey> {
  const { apiKey } = await dev.graphql<{ apiKey: StoredKey }>(
    "query ($id: ID!) { apiKey(id: $id) { name expiresAt rateLimit { limit windowSeconds burst } quota { limit windowSeconds burst } } }",
    { id },
  );
  return apiKey;
}

interface StoredIntegration {
  readonly name: string;
  readonly description: string;
  readonly requestContentTypes: readonly string[];
  readonly healthCheck: unknown;
}

async function storedIntegration(dev: Dev, id: string): Promise<StoredIntegration> {
  const { integration } = await dev.graphql<{ integration: StoredIntegration }>(
    "query ($id: ID!) { integration(id: $id) { name description requestContentTypes healthCheck { path intervalMs timeoutMs unhealthyAfter healthyAfter } } }",
    { id },
  );
  return integration;
}

async function makeIntegration(dev: Dev, name: string): Promise<string> {
  const { subscriptionId } = await dev.sampleIds();
  const { integration } = await dev.mutate<{ integration: { id: string } }>(
    "createIntegration",
    {
      subscriptionId,
      name,
      urls: ["http://127.0.0.1:9/x"],
      requestContentTypes: ["application/json"],
      healthCheck: { path: "/health", intervalMs: 5_000, timeoutMs: 700, unhealthyAfter: 5, healthyAfter: 4 },
    },
    "integration { id }",
  );
  return integration.id;
}

suite("forms", (given) => {
  it("renames a key and keeps its burst, its quota and the seconds of its expiry", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Bursts");
    const limits = {
      expiresAt: "2999-01-01T12:00:42.000Z",
      rateLimit: { limit: 100, windowSeconds: 60, burst: 20 },
      quota: { limit: 5_000, windowSeconds: 86_400, burst: 300 },
    };
    await dev.mutate("updateApiKey", { id: api.keyId, ...limits }, "key { id }");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/keys`);
      await menuOf(page, "Actions of key Default", "Edit");
      const dialog = page.getByRole("dialog", { name: "Edit key" });
      await dialog.getByRole("textbox", { name: "Name", exact: true }).fill("Renamed");
      await dialog.getByRole("button", { name: "Save" }).click();
      await page.getByRole("row", { name: /Renamed/ }).waitFor();
    });
    expect(await storedKey(dev, api.keyId)).toEqual({ name: "Renamed", ...limits });
  });

  it("changes one setting of an integration and keeps those that it does not show", async () => {
    const { dev, inWindow } = given();
    const id = await makeIntegration(dev, "Thresholds");
    const before = await storedIntegration(dev, id);
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/integrations/${id}`);
      await text(page, "Description").fill("Takes orders.");
      const [request] = await Promise.all([
        page.waitForRequest((each) => (each.postData() ?? "").includes("mutation UpdateIntegration")),
        save(page).click(),
      ]);
      const { input } = JSON.parse(request.postData() ?? "").variables;
      expect(Object.keys(input).sort()).toEqual(["description", "expectedVersion", "id"]);
      await page.getByText(/^In force on 1 node/).waitFor();
    });
    expect(await storedIntegration(dev, id)).toEqual({ ...before, description: "Takes orders." });
  });

  it("saves over what another operator changed in other fields, without a question", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Shared", { routes: ["GET /a north", "GET /b north"] });
    const id = await makeIntegration(dev, "Shared too");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}`);
      await text(page, "Summary").fill("Mine");
      await page.getByRole("textbox", { name: "Path of route 2" }).fill("/mine");
      await dev.mutate("updateApi", { id: api.id, bearerRequired: true, title: "Theirs" }, "api { id }");
      await save(page).click();
      await page.getByText(/^In force on 1 node/).waitFor();
      await page.getByRole("heading", { name: "Theirs", level: 1 }).waitFor();
      const stored = await dev.graphql<{ api: unknown }>(
        "query ($id: ID!) { api(id: $id) { title summary bearerRequired routes { path } } }",
        { id: api.id },
      );
      expect(stored.api).toEqual({
        title: "Theirs",
        summary: "Mine",
        bearerRequired: true,
        routes: [{ path: "/a" }, { path: "/mine" }],
      });
      await window.go(`/integrations/${id}`);
      await text(page, "Description").fill("Mine");
      await dev.mutate("updateIntegration", { id, name: "Renamed elsewhere" }, "integration { id }");
      await save(page).click();
      await page.getByRole("heading", { name: "Renamed elsewhere" }).waitFor();
      expect(await storedIntegration(dev, id)).toMatchObject({
        name: "Renamed elsewhere",
        description: "Mine",
      });
    });
  });

  it("asks for the fields of an API that both changed, and shows every field", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Contested");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}`);
      await text(page, "Summary").fill("Mine");
      await dev.mutate("updateApi", { id: api.id, summary: "Theirs", bearerRequired: true }, "api { id }");
      await save(page).click();
      const dialog = conflict(page, "API");
      const asked = dialog.getByRole("region", { name: "Summary" });
      await poll(() => asked.getByRole("definition").allTextContents()).toEqual(["Empty", "Mine", "Theirs"]);
      await dialog
        .getByRole("region", { name: "Require a bearer token" })
        .getByText("On", { exact: true })
        .waitFor();
      expect(await dialog.getByRole("radiogroup").count()).toBe(1);
      await dialog.getByText("unchanged fields").click();
      for (const name of ["Title", "Subscription", "Keep keys recoverable", "Route GET /things/{id}"])
        await dialog.getByRole("region", { name }).waitFor();
      expect(await window.seriousFindings()).toEqual([]);
      await window.screenshot("conflict-light-1440");
      await page.emulateMedia({ colorScheme: "dark" });
      await page.setViewportSize({ width: 375, height: 812 });
      await window.screenshot("conflict-dark-375");
      await page.setViewportSize({ width: 1440, height: 900 });
      // Nothing that was typed is lost by looking again.
      await dialog.getByRole("button", { name: "Keep editing" }).click();
      expect(await text(page, "Summary").inputValue()).toBe("Mine");
      await save(page).click();
      expect(await dialog.getByRole("button", { name: "Save" }).isDisabled()).toBe(true);
      await dialog.getByRole("radio", { name: "Keep yours" }).check();
      await dialog.getByRole("button", { name: "Save" }).click();
      await page.getByText(/^In force on 1 node/).waitFor();
      const stored = await dev.graphql<{ api: unknown }>(
        "query ($id: ID!) { api(id: $id) { summary bearerRequired } }",
        { id: api.id },
      );
      expect(stored.api).toEqual({ summary: "Mine", bearerRequired: true });
    });
  });

  it("resolves conflicts of an integration, a key and a subscription the same way", async () => {
    const { dev, inWindow } = given();
    const id = await makeIntegration(dev, "Disputed");
    const api = await dev.makeApi("Disputed keys");
    const { subscription } = await dev.mutate<{ subscription: { id: string } }>(
      "createSubscription",
      { name: "Disputed tenant" },
      "subscription { id }",
    );
    await inWindow(async (window) => {
      const { page } = window;
      const resolve = async (noun: string, side: string) => {
        const dialog = conflict(page, noun);
        await dialog.getByRole("radio", { name: side }).check();
        await dialog.getByRole("button", { name: "Save" }).click();
        await dialog.waitFor({ state: "detached" });
      };
      await window.go(`/integrations/${id}`);
      await text(page, "Description").fill("Mine");
      await dev.mutate("updateIntegration", { id, description: "Theirs" }, "integration { id }");
      await save(page).click();
      await resolve("integration", "Keep yours");
      await poll(async () => (await storedIntegration(dev, id)).description).toBe("Mine");

      await window.go(`/apis/${api.id}/keys`);
      await menuOf(page, "Actions of key Default", "Edit");
      const edit = page.getByRole("dialog", { name: "Edit key" });
      await edit.getByRole("textbox", { name: "Name", exact: true }).fill("Mine");
      const rateLimit = { limit: 7, windowSeconds: 60 };
      await dev.mutate("updateApiKey", { id: api.keyId, name: "Theirs", rateLimit }, "key { id }");
      await edit.getByRole("button", { name: "Save" }).click();
      await resolve("key", "Keep yours");
      await edit.waitFor({ state: "detached" });
      expect(await storedKey(dev, api.keyId)).toMatchObject({ name: "Mine", rateLimit: { limit: 7 } });

      await window.go("/subscriptions");
      await menuOf(page, "Actions of subscription Disputed tenant", "Rename");
      const rename = page.getByRole("dialog", { name: "Rename subscription" });
      await rename.getByRole("textbox", { name: "Name", exact: true }).fill("Mine");
      await dev.mutate("updateSubscription", { id: subscription.id, name: "Theirs" }, "subscription { id }");
      await rename.getByRole("button", { name: "Save" }).click();
      await resolve("subscription", "Keep theirs");
      await page.getByRole("link", { name: "Theirs", exact: true }).waitFor();
    });
  });

  it("puts the focus into the first field that was refused, an editor of JSON included", async () => {
    const { dev, inWindow } = given();
    const id = await makeIntegration(dev, "Refused fields");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/integrations/${id}`);
      const schema = page.getByRole("textbox", { name: "Request schema" });
      await schema.fill('{"type": "nope"}');
      await text(page, "Name").fill("");
      await save(page).click();
      await poll(() => hasFocus(text(page, "Name"))).toBe(true);
      await text(page, "Name").fill("Refused fields");
      await save(page).click();
      await poll(() => hasFocus(schema)).toBe(true);
      expect(await schema.getAttribute("aria-invalid")).toBe("true");
    });
  });
});
