/** Routes as a table that is edited in place: filter, selection, other integration, paste, undo. */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { Dev } from "./support/dev.js";
import { poll, suite } from "./support/suite.js";

async function storedRoutes(dev: Dev, id: string): Promise<readonly string[]> {
  const { api } = await dev.graphql<{
    api: { routes: { method: string; path: string; integration: { name: string } }[] };
  }>("query ($id: ID!) { api(id: $id) { routes { method path integration { name } } } }", { id });
  return api.routes.map(({ method, path, integration }) => `${method} ${path} ${integration.name}`);
}

const paths = (page: Page) =>
  page
    .getByRole("textbox", { name: /^Path of route/ })
    .evaluateAll((fields) => fields.map((field) => (field as HTMLInputElement).value));

async function save(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText(/^In force on 1 node/).waitFor();
}

suite("routes", (given) => {
  it("moves the selected routes that a filter leaves to another integration, and takes it back", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Filtered", {
      routes: ["GET /orders north", "GET /orders/{id} north", "GET /stock north", "PUT /stock/{id} north"],
    });
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}`);
      const filter = page.getByRole("searchbox", { name: "Filter routes" });
      await filter.fill("stock");
      await page.getByText("2 of 4 routes").waitFor();
      expect(await paths(page)).toEqual(["/stock", "/stock/{id}"]);
      // A row stays while it is edited, whatever it says then.
      await page.getByRole("textbox", { name: "Path of route 3" }).fill("/inventory");
      expect(await paths(page)).toEqual(["/inventory", "/stock/{id}"]);
      await page.getByRole("checkbox", { name: "Select route 3" }).check();
      await page.getByRole("checkbox", { name: "Select route 4" }).check();
      const bar = page.getByRole("region", { name: "Selected routes" });
      await bar.getByText("2 routes selected").waitFor();
      expect(await window.seriousFindings()).toEqual([]);
      await bar.getByRole("combobox", { name: "Move 2 routes to" }).click();
      await page.getByRole("option", { name: /south/ }).click();
      await page.getByText("2 routes lead to “south”. Save to apply.").waitFor();
      await page.getByRole("button", { name: "Undo" }).click();
      await poll(() => page.getByRole("combobox", { name: "Integration of route 3" }).inputValue()).toBe(
        "north",
      );
      await bar.getByRole("combobox", { name: "Move 2 routes to" }).click();
      await page.getByRole("option", { name: /south/ }).click();
      await save(page);
    });
    expect(await storedRoutes(dev, api.id)).toEqual([
      "GET /orders north",
      "GET /orders/{id} north",
      "GET /inventory south",
      "PUT /stock/{id} south",
    ]);
  });

  it("shows what the routes had to do in the last hour, and the integrations", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Used", {
      routes: ["GET /used north", "GET /unused north", "GET /once north"],
    });
    const request = () => dev.statusAt("/used", { key: api.secret });
    await poll(request).toBe(200);
    expect([await request(), await request()]).toEqual([200, 200]);
    expect(await dev.statusAt("/once", { key: api.secret })).toBe(200);
    const usage = () =>
      dev.graphql<{ api: { routes: { usage: { requests: number } }[] } }>(
        "query ($id: ID!) { api(id: $id) { routes { usage { requests } } } }",
        { id: api.id },
      );
    const counts = async () => (await usage()).api.routes.map((route) => route.usage.requests);
    await expect.poll(counts, { timeout: 60_000 }).toEqual([3, 0, 1]);
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}`);
      const rows = page.getByRole("list", { name: "Routes" }).getByRole("listitem");
      await rows.nth(0).getByText("3 requests in the last hour").waitFor();
      await rows.nth(1).getByText("0 requests in the last hour").waitFor();
      await rows.nth(2).getByText("1 request in the last hour").waitFor();
      await window.go("/integrations");
      const head = page.getByRole("columnheader", { name: "Requests, last hour" });
      await head.waitFor();
      expect(await window.seriousFindings()).toEqual([]);
    });
  });

  it("removes routes without a question, and Undo puts them back where they were", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Removed", { routes: ["GET /a north", "GET /b north", "GET /c north"] });
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}`);
      await page.getByRole("button", { name: "Remove route 2" }).click();
      await page.getByText("GET /b removed").waitFor();
      expect(await paths(page)).toEqual(["/a", "/c"]);
      await page.getByRole("button", { name: "Undo" }).click();
      await poll(() => paths(page)).toEqual(["/a", "/b", "/c"]);
      expect(await page.getByRole("button", { name: "Save", exact: true }).isEnabled()).toBe(false);
    });
  });

  it("adds routes from pasted lines, and names what cannot be read and who is not known", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Pasted", { routes: ["GET /first north"] });
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}`);
      await page.getByRole("button", { name: "Paste routes" }).click();
      const dialog = page.getByRole("dialog", { name: "Paste routes" });
      const lines = dialog.getByRole("textbox", { name: "Routes" });
      await lines.fill("GET /orders -> North\nFETCH /x\n");
      await dialog.getByText("Line 2: “FETCH” is not a method.").waitFor();
      await lines.fill("GET /orders -> North\nPOST /orders -> Nowhere");
      await dialog.getByRole("button", { name: "Add 2 routes" }).click();
      await dialog.getByText("No integration is called “Nowhere”.").waitFor();
      expect(await window.seriousFindings()).toEqual([]);
      await lines.fill("GET /orders -> North\nPOST /orders -> south");
      await dialog.getByRole("button", { name: "Add 2 routes" }).click();
      await dialog.waitFor({ state: "detached" });
      await save(page);
      // Several lines that are pasted into a path are a list as well.
      await page.evaluate(() => navigator.clipboard.writeText("GET /p1 -> north\nGET /p2 -> north"));
      await page.getByRole("textbox", { name: "Path of route 1" }).focus();
      await page.keyboard.press("ControlOrMeta+v");
      await dialog.getByRole("button", { name: "Add 2 routes" }).waitFor();
    });
    expect(await storedRoutes(dev, api.id)).toEqual([
      "GET /first north",
      "GET /orders north",
      "POST /orders south",
    ]);
  });

  it("duplicates an API with its routes, under another title and with a key of its own", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Original", { routes: ["GET /copied north"] });
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}`);
      await page.getByRole("button", { name: "More actions of this API" }).click();
      await page.getByRole("menuitem", { name: "Duplicate API…" }).click();
      const dialog = page.getByRole("dialog", { name: "Duplicate this API" });
      expect(await dialog.getByRole("textbox").inputValue()).toBe("Original (copy)");
      await dialog.getByRole("textbox").fill("Second edition");
      await dialog.getByRole("button", { name: "Duplicate API" }).click();
      const shown = page.getByRole("dialog", { name: "The API key" });
      const secret = (await shown.getByTestId("secret").textContent()) ?? "";
      expect(secret).not.toBe(api.secret);
      await shown.getByLabel("I have kept the key").check();
      await shown.getByRole("button", { name: "Done" }).click();
      await page.getByRole("heading", { name: "Second edition", level: 1 }).waitFor();
      await poll(() => dev.statusAt("/copied", { key: secret })).toBe(200);
    });
  });
});
