/** What large forms cost the renderer. Figures are reported, not asserted: the machine decides them. */
import type { CDPSession, Page } from "playwright-core";
import { expect, it } from "vitest";
import type { ConsolePage } from "./support/console-page.js";
import { hasFocus, poll, suite } from "./support/suite.js";

const TYPED = "abcd";

/** Seconds that the renderer's main thread has worked. */
async function busySeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0;
}

const firstPath = (page: Page) => page.getByRole("textbox", { name: "Path of route 1", exact: true });

async function measure(window: ConsolePage, apiId: string) {
  const { page } = window;
  await window.go("/apis");
  await page.getByRole("heading", { name: "APIs" }).waitFor();
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const begin = await busySeconds(session);
  await window.go(`/apis/${apiId}`);
  await firstPath(page).waitFor();
  const opened = await busySeconds(session);
  const elements = await page.evaluate(() => document.querySelectorAll("*").length);
  await firstPath(page).press("End");
  const before = await busySeconds(session);
  await page.keyboard.type(TYPED);
  await poll(() => firstPath(page).inputValue()).toMatch(new RegExp(`${TYPED}$`));
  const typed = await busySeconds(session);
  return {
    openMs: Math.round((opened - begin) * 1_000),
    elements,
    keystrokeMs: Math.round(((typed - before) / TYPED.length) * 1_000),
  };
}

suite("speed", (given) => {
  it.each([60, 1_000])("types a path and opens a form of %i routes", async (count) => {
    const { dev, inWindow } = given();
    const routes = Array.from({ length: count }, (_, n) => `GET /things/${n}/{id} north`);
    const api = await dev.makeApi(`${count} routes`, { routes });
    await inWindow(async (window) => {
      console.info(`form of ${count} routes:`, JSON.stringify(await measure(window, api.id)));
      expect(await firstPath(window.page).inputValue()).toBe(`/things/0/{id}${TYPED}`);
    });
  });

  it("mounts few rows of a long form, and still adds, moves and finds refused ones", async () => {
    const { dev, inWindow } = given();
    const routes = Array.from({ length: 300 }, (_, n) => `GET /long/${n} north`);
    const api = await dev.makeApi("Long", { routes });
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}`);
      await firstPath(page).fill("refused");
      expect(await page.getByRole("textbox", { name: /^Path of route/ }).count()).toBeLessThan(60);
      // The new row is at the end of the page, and gets the focus once it is mounted.
      await page.getByRole("button", { name: "Add route" }).click();
      await poll(() => hasFocus(page.getByRole("textbox", { name: "Path of route 301" }))).toBe(true);
      await page.keyboard.type("/added");
      await page.keyboard.press("Alt+ArrowUp");
      await page.getByText("Route 301 moved to place 300 of 301.").waitFor();
      const added = page.getByRole("textbox", { name: "Path of route 300" });
      await poll(() => added.evaluate((field) => field === document.activeElement)).toBe(true);
      expect(await added.inputValue()).toBe("/added");
      await page.getByRole("button", { name: "Save", exact: true }).click();
      // The refused row comes into sight by itself.
      await poll(() => firstPath(page).getAttribute("aria-invalid")).toBe("true");
      await firstPath(page).fill("/long/first");
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByText(/^In force on 1 node/).waitFor();
    });
    const stored = await dev.graphql<{ api: { routes: { path: string }[] } }>(
      "query ($id: ID!) { api(id: $id) { routes { path } } }",
      { id: api.id },
    );
    const paths = stored.api.routes.map((route) => route.path);
    expect([paths[0], paths[299], paths.length]).toEqual(["/long/first", "/added", 301]);
  });
});
