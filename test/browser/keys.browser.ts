import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { poll, suite } from "./support/suite.js";

async function menu(page: Page, item: string): Promise<void> {
  await page.getByRole("button", { name: "More actions of this API" }).click();
  await page.getByRole("menu").getByText(item, { exact: true }).click();
}

suite("keys and the bar of an API", (given) => {
  it("copies the key of a recoverable API, and says why not for another", async () => {
    const { dev, inWindow } = given();
    const kept = await dev.makeApi("Kept", { isRecoverable: true });
    const once = await dev.makeApi("Once");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${kept.id}`);
      await page.getByRole("button", { name: "API key", exact: true }).click();
      await page.getByRole("button", { name: "Key copied" }).waitFor();
      expect(await window.clipboard()).toBe(kept.secret);
      await window.go(`/apis/${once.id}`);
      await page.getByRole("button", { name: "API key", exact: true }).click();
      await page.getByRole("dialog", { name: "This key was shown once" }).waitFor();
    });
  });

  it("switches a key off and on from the menu: the ingress follows, and the page says after how long", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Switched");
    await poll(() => dev.statusAt("/things/1", { key: api.secret })).toBe(200);
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}`);
      await menu(page, "Disable “Default”");
      await page.getByText(/^Key “Default” disabled\. In force on 1 node, \d+ ms$/).waitFor();
      expect(await dev.statusAt("/things/1", { key: api.secret })).toBe(403);
      await menu(page, "Enable “Default”");
      await page.getByText(/^Key “Default” enabled\. In force on 1 node/).waitFor();
      expect(await dev.statusAt("/things/1", { key: api.secret })).toBe(200);
    });
  });

  it("shows what a change made of a key before the page has read it again", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Slowly read");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/keys/${api.keyId}`);
      const state = page
        .getByRole("term")
        .filter({ hasText: "State" })
        .locator("xpath=following-sibling::dd");
      await poll(() => state.textContent()).toBe("Active");
      const reads: (() => void)[] = [];
      await page.route("**/graphql", async (route) => {
        if ((route.request().postData() ?? "").includes("query KeyPage"))
          await new Promise<void>((resolve) => reads.push(resolve));
        await route.fallback();
      });
      await page.getByRole("button", { name: "Actions of key Default" }).click();
      await page.getByRole("menuitem", { name: "Disable" }).click();
      await page
        .getByText(/^In force on 1 node/)
        .first()
        .waitFor();
      expect(await state.textContent()).toBe("Disabled");
      await page.getByRole("button", { name: "Actions of key Default" }).click();
      await page.getByRole("menuitem", { name: "Enable" }).waitFor();
      await page.unroute("**/graphql");
      for (const read of reads) read();
    });
  });

  it("acts on the key that is named, and lists several with name, prefix and state", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Two keys");
    const { key, secret } = await dev.mutate<{ key: { id: string; display: string }; secret: string }>(
      "createApiKey",
      { apiId: api.id, name: "Warehouse" },
      "key { id display } secret",
    );
    await poll(() => dev.statusAt("/things/1", { key: secret })).toBe(200);
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}`);
      await page.getByRole("button", { name: "More actions of this API" }).click();
      const listed = page.getByRole("menuitem", { name: /Warehouse/ });
      await poll(() => listed.textContent()).toBe(`Warehouse${key.display} · Active`);
      expect(await page.getByRole("menuitem", { name: /Disable/ }).count()).toBe(0);
      await page.getByRole("menuitem", { name: /Default/ }).waitFor();
      await listed.press("ArrowRight");
      await page.getByRole("menuitem", { name: "Disable “Warehouse”" }).click();
      await page.getByText(/^Key “Warehouse” disabled\. In force on 1 node/).waitFor();
      expect(await dev.statusAt("/things/1", { key: secret })).toBe(403);
      expect(await dev.statusAt("/things/1", { key: api.secret })).toBe(200);
    });
  });

  it("takes the message of a failure away when the action succeeds", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Stumbling");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}`);
      await page.route("**/graphql", (route) =>
        (route.request().postData() ?? "").includes("mutation UpdateApiKey")
          ? route.abort()
          : route.fallback(),
      );
      await menu(page, "Disable “Default”");
      const failure = page.getByText("The control plane cannot be reached. It may be restarting.");
      await failure.waitFor();
      await page.unroute("**/graphql");
      await menu(page, "Disable “Default”");
      await page.getByText(/^Key “Default” disabled\./).waitFor();
      // Left alone it stays for 15 s.
      await failure.waitFor({ state: "detached", timeout: 10_000 });
      // The browser notes the request that was cut off.
      window.problems.length = 0;
    });
  });

  it("turns webhooks on and gives the URL that works as pasted", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Hooked", { isRecoverable: true, routes: ["POST /hooks/{source} north"] });
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}`);
      await menu(page, "Turn webhooks on for “Default”");
      const dialog = page.getByRole("dialog", { name: "Webhook URL" });
      expect(await dialog.getByLabel("Webhook URL").last().textContent()).not.toContain(api.secret);
      await dialog.getByRole("button", { name: "Copy URL" }).click();
      await dialog.getByRole("button", { name: "Copied" }).waitFor();
      const url = (await window.clipboard()).replace(/(%7B|\{)source(%7D|\})/, "github");
      await poll(async () => (await fetch(url, { method: "POST", body: "{}" })).status).toBe(200);
    });
  });

  it("regenerates a key with an overlap, in which the old one lives on", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Renewed");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}`);
      for (const [overlap, oldStatus] of [
        ["1 hour", 200],
        ["None: the old secret is refused at once", 401],
      ] as const) {
        const before = overlap === "1 hour" ? api.secret : await window.clipboard();
        await menu(page, "Regenerate “Default”");
        // Clients keep working for a day unless the operator decides otherwise.
        expect(await page.getByRole("radio", { name: "24 hours" }).isChecked()).toBe(true);
        await page.getByText(/^Old secret lk_.*, last used:/).waitFor();
        await page.getByRole("radio", { name: overlap }).check();
        await page.getByRole("dialog").getByRole("button", { name: "Regenerate" }).click();
        const dialog = page.getByRole("dialog", { name: "The new API key" });
        await dialog.getByRole("button", { name: "Copy" }).click();
        await dialog.getByRole("button", { name: "Copied" }).waitFor();
        const secret = await window.clipboard();
        await dialog.getByLabel("I have kept the key").check();
        await dialog.getByRole("button", { name: "Done" }).click();
        await poll(() => dev.statusAt("/things/1", { key: secret })).toBe(200);
        await poll(() => dev.statusAt("/things/1", { key: before })).toBe(oldStatus);
      }
      await page.getByRole("link", { name: "Keys" }).click();
      await page.getByRole("row", { name: /Default/ }).waitFor();
    });
  });

  it("shows on a key's page what its requests came to, what is used of its limits, and where", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Metered");
    const rateLimit = { limit: 50, windowSeconds: 3_600, burst: 50 };
    await dev.mutate("updateApiKey", { id: api.keyId, rateLimit }, "key { id }");
    await poll(() => dev.statusAt("/things/1", { key: api.secret })).toBe(200);
    for (let i = 0; i < 4; i++) await dev.statusAt("/nowhere", { key: api.secret });
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/keys`);
      await page.getByRole("link", { name: "Default", exact: true }).click();
      await page.getByText("on node-1").waitFor();
      await page.getByText(/^(at least )?\d+ of 50 in the last hour$/).waitFor();
      await page.getByRole("progressbar", { name: "Used of the rate limit" }).waitFor();
      await page
        .getByRole("img", { name: /^Requests per minute\. 2xx, 3xx: \d+; .*Refused: \d+\.$/ })
        .waitFor();
      expect(await page.title()).toBe("Keys · Metered · Latchkey");
      expect(await window.seriousFindings()).toEqual([]);
    });
  });

  it("rotates a key: says that a client still has the old secret", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Rotated");
    await poll(() => dev.statusAt("/things/1", { key: api.secret })).toBe(200);
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/keys/${api.keyId}`);
      await page.getByRole("button", { name: "Regenerate key" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Regenerate" }).click();
      const dialog = page.getByRole("dialog", { name: "The new API key" });
      await dialog.getByLabel("I have kept the key").check();
      await dialog.getByRole("button", { name: "Done" }).click();
      const steps = page.getByRole("list", { name: "Steps of the rotation" });
      await steps.getByText(/^No request with the old secret since/).waitFor();
      await poll(() => dev.statusAt("/things/1", { key: api.secret })).toBe(200);
      await steps.getByText(/a client still has it\.$/).waitFor();
    });
  });

  it("gives the focus back to the menu's button after a dialog, closed or saved", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Focused");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/keys`);
      const button = page.getByRole("button", { name: "Actions of key Default" });
      const hasFocus = () => button.evaluate((element) => element === document.activeElement);
      const open = async (item: string) => {
        await button.focus();
        await page.keyboard.press("Enter");
        await page.getByRole("menuitem", { name: item }).press("Enter");
        await page.getByRole("dialog").waitFor();
      };
      await open("Regenerate");
      await page.keyboard.press("Escape");
      await poll(hasFocus).toBe(true);
      await open("Edit");
      await page.getByRole("dialog").getByLabel("Name").fill("Default");
      await page.getByRole("dialog").getByRole("button", { name: "Save" }).press("Enter");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await poll(hasFocus).toBe(true);
    });
  });

  it("builds a webhook URL with its parameters filled in", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Built", { isRecoverable: true, routes: ["POST /hooks/{source} north"] });
    await dev.mutate("updateApiKey", { id: api.keyId, mode: "WEBHOOK" }, "key { id }");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/keys/${api.keyId}`);
      await page.getByLabel("Path parameter source").fill("git hub");
      await page.getByLabel("Query").fill("ref=main");
      await page.getByRole("button", { name: "Copy URL" }).click();
      await page.getByRole("button", { name: "Copied" }).waitFor();
      const url = await window.clipboard();
      expect(url).toContain("/hooks/git%20hub?ref=main&");
      await poll(async () => (await fetch(url, { method: "POST", body: "{}" })).status).toBe(200);
    });
  });

  it("deletes an API only after its title was typed", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Short lived");
    await poll(() => dev.statusAt("/things/1", { key: api.secret })).toBe(200);
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}`);
      await menu(page, "Delete API");
      const dialog = page.getByRole("dialog", { name: "Delete this API?" });
      const button = dialog.getByRole("button", { name: "Delete API" });
      await dialog.getByLabel("Title of the API").fill("Short");
      expect(await button.isDisabled()).toBe(true);
      await dialog.getByLabel("Title of the API").fill("Short lived");
      await button.click();
      await page.waitForURL("**/apis");
      await poll(() => dev.statusAt("/things/1", { key: api.secret })).toBe(401);
      await window.go(`/apis/${api.id}`);
      await page.getByRole("heading", { name: "There is no such API" }).waitFor();
    });
  });

  it("shows the OpenAPI document over the page, with its badges, and downloads it under the API's title", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Read/me", {
      routes: ["PUT /orders/{id} north", "ANY /files/{path*} south"],
    });
    await dev.mutate("updateApi", { id: api.id, openapiServed: true }, "api { id }");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}?view=openapi`);
      const dialog = page.getByRole("dialog", { name: "OpenAPI spec" });
      await dialog.getByText("Served", { exact: true }).waitFor();
      await dialog.getByText("/orders/{id}").first().waitFor();
      await dialog.getByText("v1", { exact: true }).waitFor();
      await dialog.getByText("OAS 3.1.1").waitFor();
      await dialog.locator("summary").filter({ hasText: "/orders/{id}" }).click();
      await dialog.getByText("Responses").locator("visible=true").first().waitFor();
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        dialog.getByRole("link", { name: "Download JSON" }).click(),
      ]);
      expect(download.suggestedFilename()).toBe("Read-me.json");
      expect(readFileSync(await download.path(), "utf8")).toContain('"openapi": "3.1.1"');
      await dialog.getByText("3.0", { exact: true }).click();
      await dialog.getByText("OAS 3.0.3").waitFor();
      const [older] = await Promise.all([
        page.waitForEvent("download"),
        dialog.getByRole("link", { name: "YAML" }).click(),
      ]);
      expect(older.suggestedFilename()).toBe("Read-me.yaml");
      expect(readFileSync(await older.path(), "utf8")).toMatch(/^openapi: 3\.0\.3/);
      expect(await window.seriousFindings()).toEqual([]);
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
      expect(window.address).toBe(`/apis/${api.id}`);
    });
  });

  it("keeps several keys an API: made with limits, used, edited, disabled, deleted", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Many keys");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/keys`);
      await page.getByRole("button", { name: "New key" }).click();
      const form = page.getByRole("dialog", { name: "New key" });
      await form.getByRole("button", { name: "Create key" }).click();
      await form.getByText(/name is required/i).waitFor();
      await form.getByRole("textbox", { name: "Name", exact: true }).fill("Warehouse");
      await form.getByLabel("Expires").fill("2999-01-01T12:00");
      await form.getByRole("textbox", { name: "Rate limit", exact: true }).fill("100");
      await form.getByRole("button", { name: "Create key" }).click();
      const shown = page.getByRole("dialog", { name: "The new API key" });
      const secret = (await shown.getByLabel("The new API key").textContent()) ?? "";
      await shown.getByLabel("I have kept the key").check();
      await shown.getByRole("button", { name: "Done" }).click();
      const row = page.getByRole("row", { name: /Warehouse/ });
      await row.getByText("100 / min").waitFor();
      await row.getByText("Never").waitFor();
      await poll(() => dev.statusAt("/things/1", { key: secret })).toBe(200);
      // Nodes report what they counted every few seconds.
      await row.getByText(/just now|seconds ago/).waitFor();
      await poll(() => row.getByRole("cell").nth(6).textContent()).not.toBe("0");

      await row.getByRole("button", { name: "Actions of key Warehouse" }).click();
      await page.getByRole("menuitem", { name: "Edit" }).click();
      const edit = page.getByRole("dialog", { name: "Edit key" });
      await edit.getByRole("textbox", { name: "Rate limit", exact: true }).fill("");
      await edit.getByRole("button", { name: "Save" }).click();
      await row.getByText("None").waitFor();
      await row.getByRole("button", { name: "Actions of key Warehouse" }).click();
      await page.getByRole("menuitem", { name: "Disable" }).click();
      await row.getByText("Disabled").waitFor();
      await poll(() => dev.statusAt("/things/1", { key: secret })).toBe(403);
      await row.getByRole("button", { name: "Actions of key Warehouse" }).click();
      await page.getByRole("menuitem", { name: "Delete" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Delete key" }).click();
      await row.waitFor({ state: "detached" });
      await poll(() => dev.statusAt("/things/1", { key: secret })).toBe(401);
    });
  });
});
