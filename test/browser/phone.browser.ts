/** What a thumb needs on a phone: targets of 40 pixels, the current tab in sight, charts that respond to a tap. */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { ConsolePage } from "./support/console-page.js";
import { poll, suite } from "./support/suite.js";

const TARGET_PIXELS = 40;
const phone = { width: 375, height: 812 } as const;

suite("on a phone", (given) => {
  it("has targets of 40 pixels, and nothing is wider than the window", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Touched", { routes: ["GET /things/{id} north", "POST /things north"] });
    const { integrations } = await dev.sampleIds();
    const pages = [
      "/",
      "/apis",
      `/apis/${api.id}`,
      `/apis/${api.id}/keys`,
      `/apis/${api.id}/keys/${api.keyId}`,
      `/apis/${api.id}/requests`,
      `/integrations/${integrations.north}`,
      "/traffic",
      "/activity",
      "/apis/import",
    ];
    await inWindow(async (window) => {
      await touch(window.page);
      for (const path of pages) {
        await window.go(path);
        await window.page.locator("main h1").waitFor();
        await window.page.locator("main :is(button, a)").first().waitFor();
        await poll(() => small(window.page)).toEqual([]);
        expect(await overflow(window.page), path).toBeLessThanOrEqual(0);
      }
    }, phone);
  });

  it("takes a tap beside a checkbox for one on it", async () => {
    const { dev, inWindow } = given();
    await dev.makeApi("Chosen by thumb");
    await inWindow(async (window) => {
      const { page } = window;
      await touch(page);
      await window.go("/apis?q=Chosen+by+thumb");
      const box = page.getByRole("checkbox", { name: "Select Chosen by thumb" });
      const { x, y } = (await box.boundingBox()) ?? { x: 0, y: 0 };
      await page.mouse.click(x - 8, y - 8);
      await page.getByText("1 API selected").waitFor();
    }, phone);
  });

  it("shows the current tab, all windows of time, and a save bar of one line", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Narrow");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/activity`);
      const tab = page.getByRole("navigation", { name: "Views of this API" }).locator("[aria-current]");
      await poll(() => inSight(tab)).toBe(true);
      expect(await tab.textContent()).toBe("Activity");
      await page.getByRole("navigation", { name: "Views of this API" }).getByText("Traffic").click();
      const year = page.getByRole("radio", { name: "1y" });
      await year.waitFor({ state: "attached" });
      expect(await inSight(year.locator("xpath=.."))).toBe(true);
      await page.getByText("1h", { exact: true }).click();
      await page.getByLabel("Compare with the previous period").waitFor();
      expect(await inSight(year.locator("xpath=.."))).toBe(true);
      await window.go(`/apis/${api.id}`);
      const bar = page.locator("[data-save-bar]");
      await bar.getByRole("button", { name: "Save" }).waitFor();
      expect((await bar.boundingBox())?.height).toBeLessThan(70);
    }, phone);
  });

  it("keeps the crosshair where a finger was put, until the next touch elsewhere", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Tapped");
    await poll(() => dev.statusAt("/things/1", { key: api.secret })).toBe(200);
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/traffic`);
      const chart = page.getByRole("img", { name: /^Requests per second/ });
      await chart.scrollIntoViewIfNeeded();
      const { x, y } = (await chart.boundingBox()) ?? { x: 0, y: 0 };
      await tap(window, x + 200, y + 60);
      const time = page
        .locator("figcaption")
        .first()
        .getByText(/^\d\d:\d\d:\d\d$/);
      await time.waitFor();
      await tap(window, 180, y - 60);
      await time.waitFor({ state: "detached" });
    }, phone);
  });
});

async function touch(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setTouchEmulationEnabled", { enabled: true, maxTouchPoints: 1 });
}

/** A finger, and the mouse events that browsers send after it. */
async function tap({ page }: ConsolePage, x: number, y: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setTouchEmulationEnabled", { enabled: true, maxTouchPoints: 1 });
  await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [{ x, y }] });
  await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
}

/** Names of targets that are too low. Fields inside of a frame are as high as that. */
function small(page: Page): Promise<readonly string[]> {
  return page.evaluate((pixels) => {
    const selector = [
      "button, select, summary, textarea, main nav a, [class*='Button-root']",
      "input:not([type='checkbox'], [type='radio'], [type='file'], [class*='inputField'], [class*='innerInput'])",
    ].join();
    return [...document.querySelectorAll<HTMLElement>(selector)]
      .filter((each) => each.closest("thead, [aria-label='Breadcrumb']") === null)
      .filter((each) => each.checkVisibility({ visibilityProperty: true }))
      .map((each) => ({ each, ...each.getBoundingClientRect().toJSON() }))
      .filter(({ width, height }) => width > 4 && height > 4 && height < pixels - 0.5)
      .map(({ each, height }) => `${each.ariaLabel ?? each.textContent}: ${height}`);
  }, TARGET_PIXELS);
}

function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

function inSight(element: ReturnType<Page["locator"]>): Promise<boolean> {
  return element.evaluate((each) => {
    const { left, right } = each.getBoundingClientRect();
    return left >= 0 && right <= window.innerWidth;
  });
}
