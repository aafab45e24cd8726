/** Finds the slow integration by clicking. */
import { Upstream } from "@latchkey/testkit";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enforced, makeApi, makeIntegration, makeSubscription } from "../support/seed.js";
import { Stack } from "../support/stack.js";
import { chromiumPath, launchChromium } from "./support/chromium.js";
import { ConsolePage } from "./support/console-page.js";
import { poll } from "./support/suite.js";

/** Longer than what a busy machine takes for a quick one. */
const SLOW_MS = 5_000;

describe.skipIf(chromiumPath === null)("groups of traffic", () => {
  let stack: Stack;
  let browser: Browser;
  beforeAll(async () => {
    [stack, browser] = await Promise.all([Stack.start(), launchChromium()]);
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.[Symbol.asyncDispose]();
  });

  it("tells which integration is slow, also one with few requests, in four clicks", async () => {
    await using upstream = await Upstream.start({
      behaviour: async ({ target }) => {
        if (target.startsWith("/slow")) await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
        return { body: "ok" };
      },
    });
    const subscriptionId = await makeSubscription(stack, "Speed");
    const names = ["slow", ...Array.from({ length: 10 }, (_, i) => `quick-${i}`)];
    const integrations = await Promise.all(
      names.map((name) => makeIntegration(stack, subscriptionId, name, `${upstream.url}/${name}`)),
    );
    const routes = names.map((name, i) => ({
      method: "GET",
      path: `/${name}`,
      integrationId: integrations[i] ?? "",
    }));
    const api = await makeApi(stack, subscriptionId, "Speed", routes);
    await enforced(stack, api.revision);
    const ask = async (name: string) => {
      const headers = { "Connxio-Api-Key": api.secret };
      const response = await fetch(`${stack.ingress.url}/${name}`, { headers });
      expect([response.status, await response.text()]).toEqual([200, "ok"]);
    };
    for (const name of names)
      await Promise.all(Array.from({ length: name === "slow" ? 20 : 30 }, () => ask(name)));
    await using window = await ConsolePage.open(browser, {
      report: { consoleUrl: new URL("/", stack.graphqlUrl).href, adminToken: stack.adminToken },
    });
    const { page } = window;
    await window.go("/");
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Traffic" }).click();
    await page.getByText("1 hour", { exact: true }).click();
    await page.getByLabel("Group by").selectOption("Integration");
    const rows = page.getByRole("region", { name: "Requests by Integration" }).getByRole("row");
    // Ten with more requests are before it.
    await poll(async () => {
      await page.reload();
      await rows.nth(10).waitFor();
      return await rows.allTextContents();
    }).toHaveLength(12);
    expect(await rows.getByText("slow").count()).toBe(0);
    await page.getByLabel("Order by").selectOption("Slowest");
    await page.getByText("Those with the highest p95 of at least 20 requests").waitFor();
    await poll(() => rows.nth(1).getByRole("cell").first().textContent()).toBe("slow");
    await window.screenshot("traffic-slowest");
    await rows.nth(1).getByRole("link", { name: "slow" }).click();
    await page.getByRole("heading", { name: "slow" }).waitFor();
    expect(window.problems).toEqual([]);
  });
});
