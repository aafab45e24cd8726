/** Charts of traffic say what is known, since when, and which node reported nothing. */
import { readFileSync } from "node:fs";
import type { Browser, Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Stack } from "../support/stack.js";
import { chromiumPath, launchChromium } from "./support/chromium.js";
import { ConsolePage } from "./support/console-page.js";
import { poll } from "./support/suite.js";

interface Point {
  requests: number;
  seconds: number;
}

interface TrafficResult {
  data: { usage: { since: string; points: Point[] } };
}

/** The control plane's own points, with 360 requests in each minute and 3 in the one that is being filled. */
async function steadyMinutes(route: Route): Promise<void> {
  if (!(route.request().postData() ?? "").includes("query UsageHistory(")) return await route.fallback();
  const response = await route.fetch();
  const result = (await response.json()) as TrafficResult;
  const { usage } = result.data;
  for (const point of usage.points) point.requests = 6 * point.seconds;
  const last = usage.points.at(-1);
  if (last !== undefined) last.requests = 3;
  usage.since = "2026-01-01T00:00:00.000Z";
  await route.fulfill({ response, json: result });
}

describe.skipIf(chromiumPath === null)("charts of traffic", () => {
  let stack: Stack;
  let browser: Browser;
  beforeAll(async () => {
    [stack, browser] = await Promise.all([Stack.start({ nodes: 2 }), launchChromium()]);
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.[Symbol.asyncDispose]();
  });

  const open = () =>
    ConsolePage.open(browser, {
      report: { consoleUrl: new URL("/", stack.graphqlUrl).href, adminToken: stack.adminToken },
    });

  it("takes the rate over complete minutes, and puts dates on the axis of a day", async () => {
    await using window = await open();
    const { page } = window;
    await page.route("**/graphql", steadyMinutes);
    await window.go("/traffic?window=1h");
    const rate = page
      .getByRole("term")
      .filter({ hasText: "Rate now" })
      .locator("xpath=following-sibling::dd");
    const chart = page.getByRole("img", { name: /^Requests per second\. All: now 6\.0\/s, highest 6\.0\/s/ });
    await chart.waitFor();
    expect(await rate.textContent()).toBe("6.0/s");
    // The pointer over one chart shows the same moment in all three, and how many requests the quantiles are of.
    const figures = page.locator("figure");
    await page.getByText("360 requests", { exact: true }).waitFor();
    await chart.hover();
    const moments = figures.locator("figcaption").getByText(/^\d\d:\d\d$/);
    await poll(() => moments.count()).toBe(3);
    expect(new Set(await moments.allTextContents()).size).toBe(1);
    // So do the arrow keys, and a reader hears the point.
    await page.mouse.move(0, 0);
    await poll(() => moments.count()).toBe(0);
    const cursor = page.getByRole("slider", { name: "Requests per second, point in time" });
    await cursor.focus();
    await page.keyboard.press("ArrowLeft");
    await poll(() => moments.count()).toBe(3);
    expect(await cursor.getAttribute("aria-valuetext")).toMatch(/^\d\d:\d\d, All 6\.0\/s$/);
    await page.keyboard.press("Escape");
    await poll(() => moments.count()).toBe(0);
    await page.getByText("24 hours", { exact: true }).click();
    await page.getByText(/^Requests, 24 hours/).waitFor();
    // A day has one midnight, and its tick names the date.
    await chart.locator("text", { hasText: /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d+ \w+$/ }).waitFor();
    await window.screenshot("traffic-24h");
    expect(window.problems).toEqual([]);
  });

  it("exports the usage of the time that is shown", async () => {
    await using window = await open();
    const { page } = window;
    await window.go("/traffic?window=7d");
    for (const [item, name, begin] of [
      ["CSV", /^usage .*\.csv$/, "at,apiId,api,routeId,route,keyId,key,integrationId,integration,requests,"],
      ["JSON, one row per line", /^usage .*\.ndjson$/, ""],
    ] as const) {
      await page.getByRole("button", { name: "Export" }).click();
      await page.getByText("All APIs, last 7 days, by hour").waitFor();
      const coming = page.waitForEvent("download");
      await page.getByRole("menuitem", { name: item, exact: true }).click();
      const download = await coming;
      expect(download.suggestedFilename()).toMatch(name);
      expect(readFileSync(await download.path(), "utf8").startsWith(begin)).toBe(true);
    }
    expect(window.problems).toEqual([]);
  });

  it("says since when there is data, and which node reported nothing", async () => {
    await using window = await open();
    const { page } = window;
    await window.go("/traffic?window=1h");
    const requests = page.getByRole("img", { name: /^Requests per second/ });
    await requests.locator("text", { hasText: "No requests counted yet" }).waitFor();
    // Before that nothing is drawn: an hour of zeros would be a claim.
    const rows = page.getByRole("table", { name: "Requests per second" }).getByRole("cell");
    expect(await rows.first().textContent()).toBe("none");
    const [, second] = stack.ingresses;
    await second?.process.stop();
    await page.getByText("5 min", { exact: true }).click();
    await requests.locator("title", { hasText: "No report from node-2" }).waitFor({ state: "attached" });
    await window.screenshot("traffic-gap");
    expect(window.problems).toEqual([]);
  });
});
