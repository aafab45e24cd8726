/** The audit log in the console: filters, an API's keys, details by address, export. */
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { poll, suiteAlone } from "./support/suite.js";

suiteAlone("activity", (given) => {
  it("shows what was done to an API and its keys, deleted ones too, and opens an entry by its address", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Watched");
    await dev.makeApi("Another");
    await dev.mutate("updateApi", { id: api.id, summary: "New words" }, "api { id }");
    await dev.mutate("deleteApiKey", { id: api.keyId }, "deletedApiKeyId");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/activity`);
      await page.getByText("4 entries", { exact: true }).waitFor();
      const actions = page.getByRole("row").getByText(/^(api|apiKey)\./);
      expect(await actions.allTextContents()).toEqual([
        "apiKey.delete",
        "api.update",
        "apiKey.create",
        "api.create",
      ]);
      expect(await window.seriousFindings()).toEqual([]);
      await page.getByRole("link", { name: /changed the API/ }).click();
      const details = page.getByRole("dialog", { name: "api.update" });
      await details
        .getByRole("row", { name: /summary/ })
        .getByText("New words")
        .waitFor();
      await page.reload();
      await details.getByText("New words").waitFor();
      expect(await window.seriousFindings()).toEqual([]);
      await page.keyboard.press("Escape");
      await details.waitFor({ state: "detached" });
      expect(window.address).toBe(`/apis/${api.id}/activity`);
    });
  });

  it("filters by everything that GraphQL filters by, and exports what is filtered", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Exported");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go("/activity");
      await page.getByRole("combobox", { name: "Action" }).selectOption("api.create");
      await page.getByRole("button", { name: "More filters" }).click();
      await page.getByRole("textbox", { name: "Object id" }).fill(api.id);
      await page.keyboard.press("Enter");
      await page.getByText("1 entry", { exact: true }).waitFor();
      await page.keyboard.press("Escape");
      await page.getByLabel("Until").locator("visible=true").fill("2001-01-01T00:00");
      await page.getByText("No entry matches").waitFor();
      await page.getByLabel("Until").locator("visible=true").fill("2999-01-01T00:00");
      await page.getByText("1 entry", { exact: true }).waitFor();
      for (const [item, pattern] of [
        ["CSV", /^at,actor,action.*\r\n.*,admin,api\.create,API,.*Exported/],
        ["JSON, one entry per line", /^\{"id":"[^"]+".*"targetName":"Exported".*\}\n$/],
      ] as const) {
        await page.getByRole("button", { name: "Export" }).click();
        const [file] = await Promise.all([
          page.waitForEvent("download"),
          page.getByRole("menuitem", { name: item }).click(),
        ]);
        expect(await readFile(await file.path(), "utf8")).toMatch(pattern);
      }
      await page.getByRole("combobox", { name: "Action" }).selectOption("");
      await page.getByRole("searchbox", { name: "Operator" }).fill("nobody");
      await page.getByText("No entry matches").waitFor();
      await page.getByRole("button", { name: "Show all entries" }).click();
      await poll(() => window.address).toBe("/activity");
    });
  });
});
