/// <reference lib="dom" />
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { poll, suiteAlone } from "./support/suite.js";

const field = (page: Page) => page.getByRole("combobox", { name: /^Search APIs, routes/ });
const results = (page: Page) => page.getByRole("listbox", { name: "Results" });

async function open(page: Page, text: string): Promise<void> {
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  await page.keyboard.press("Control+k");
  await field(page).waitFor();
  await poll(() => field(page).evaluate((element) => element === document.activeElement)).toBe(true);
  await page.keyboard.type(text);
}

suiteAlone("the palette and the switcher of APIs", (given) => {
  it("finds APIs, routes, integrations, and keys by their first characters, by keyboard alone", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Warehouse", { routes: ["PUT /pallets/{id} south"] });
    const { apiKey } = await dev.graphql<{ apiKey: { display: string } }>(
      "query ($id: ID!) { apiKey(id: $id) { display } }",
      { id: api.keyId },
    );
    await inWindow(async (window) => {
      const { page } = window;
      await window.go("/nodes");
      await page.getByRole("heading", { name: "Nodes", exact: true }).waitFor();
      const choose = async (text: string, option: RegExp, ...keys: readonly string[]) => {
        await open(page, text);
        await results(page).getByRole("option", { name: option }).waitFor();
        for (const key of keys) await page.keyboard.press(key);
        await results(page).locator("[data-combobox-selected]").filter({ hasText: option }).waitFor();
        await page.keyboard.press("Enter");
        await field(page).waitFor({ state: "detached" });
      };
      await choose("wareh", /^Warehouse/);
      await poll(() => window.address).toBe(`/apis/${api.id}`);
      await window.go("/nodes");
      await choose("put pallets", /^PUT \/pallets\/\{id\}/);
      await poll(() => window.address).toBe(`/apis/${api.id}`);
      await choose("north", /^north/, "ArrowDown");
      await poll(() => window.address).toMatch(/^\/integrations\//);
      await window.go("/nodes");
      await choose(apiKey.display.slice(0, 7), /of Warehouse/);
      await poll(() => window.address).toBe(`/apis/${api.id}/keys/${api.keyId}`);
    });
  });

  it("sends no more of a pasted secret than is shown of a key", async () => {
    const { dev, inWindow } = given();
    await inWindow(async (window) => {
      const { page } = window;
      const sent: string[] = [];
      page.on("request", (request) => sent.push(request.url(), request.postData() ?? ""));
      await window.go("/nodes");
      const { key } = dev.sample(0);
      await open(page, key);
      await results(page)
        .getByRole("option", { name: /of Orders, north/ })
        .waitFor();
      expect(sent.join("\n")).toContain(key.slice(0, 9));
      expect(sent.join("\n")).not.toContain(key.slice(0, 12));
    });
  });

  it("says when there is more, runs actions, and gives the focus back", async () => {
    const { dev, inWindow } = given();
    for (let n = 1; n <= 7; n++) await dev.makeApi(`Numerous ${n}`);
    await inWindow(async (window) => {
      const { page } = window;
      await window.go("/apis");
      await page.getByRole("link", { name: "Numerous 1", exact: true }).focus();
      await open(page, "numerous");
      const rest = results(page).getByRole("option", { name: "Show all 7 APIs that match" });
      await rest.waitFor();
      expect(
        await results(page)
          .getByRole("option", { name: /^Numerous/ })
          .count(),
      ).toBe(5);
      expect(await window.seriousFindings()).toEqual([]);
      await page.keyboard.press("Escape");
      await field(page).waitFor({ state: "detached" });
      await poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Numerous 1");

      await open(page, "use the dark");
      await results(page).locator("[data-combobox-selected]", { hasText: "Use the dark theme" }).waitFor();
      await page.keyboard.press("Enter");
      await poll(() => page.evaluate(() => document.documentElement.dataset.mantineColorScheme)).toBe("dark");
      await open(page, "no such thing at all");
      await page.getByText("Nothing matches “no such thing at all”.").waitFor();
      await page.keyboard.press("Escape");
    });
  });

  it("switches APIs by keyboard on the same page, and says when there are more", async () => {
    const { dev, inWindow } = given();
    const [from, to] = [dev.sample(0), dev.sample(1)];
    for (let n = 1; n <= 31; n++) await dev.makeApi(`More ${n}`);
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${from.apiId}/traffic?window=1h`);
      const button = page.getByRole("button", { name: "Switch API" });
      await button.focus();
      await page.keyboard.press("Enter");
      await page.getByText(/^30 of \d+: type to narrow$/).waitFor();
      expect(await window.seriousFindings()).toEqual([]);
      await page.keyboard.type("south");
      const list = page.getByRole("listbox", { name: "APIs" });
      await poll(() => list.getByRole("option").count()).toBe(1);
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: to.title, level: 1 }).waitFor();
      expect(window.address).toBe(`/apis/${to.apiId}/traffic?window=1h`);
      await button.focus();
      await page.keyboard.press("Enter");
      await list.waitFor();
      await page.keyboard.press("Escape");
      await poll(() => page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe(
        "Switch API",
      );
    });
  });

  it("signs out", async () => {
    const { inWindow } = given();
    await inWindow(async (window) => {
      const { page } = window;
      await window.go("/nodes");
      await page.getByRole("heading", { name: "Nodes", exact: true }).waitFor();
      await open(page, "sign out");
      await page.keyboard.press("Enter");
      await page.waitForURL("**/sign-in*");
    });
  });
});
