/** Finds the slow integration, and who still uses an old secret, by clicking. */
import { Upstream } from "@latchkey/testkit";
import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enforced, makeApi, makeIntegration, makeSubscription, mutate } from "../support/seed.js";
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
    const rows = await hourGroupedBy(window, "Integration");
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

  it("tells which key's old secret is still used, also one with few requests, after a restart of the control plane", async () => {
    await using upstream = await Upstream.start({ behaviour: () => ({ body: "ok" }) });
    const subscriptionId = await makeSubscription(stack, "Rotation");
    const integrationId = await makeIntegration(stack, subscriptionId, "target", `${upstream.url}/`);
    const routes = [{ method: "GET", path: "/a", integrationId }];
    const apis = [];
    for (let i = 0; i < 11; i++) apis.push(await makeApi(stack, subscriptionId, `Rotated ${i}`, routes));
    const [rare, ...busy] = apis;
    if (rare === undefined) throw new Error("there is no API");
    const { secret, revision } = await mutate<{ secret: string }>(
      stack,
      "regenerateApiKey",
      { id: rare.keyId, overlapSeconds: 3_600 },
      "secret",
    );
    stack.secrets.add(secret);
    await enforced(stack, revision);
    const ask = async (key: string) =>
      expect((await fetch(`${stack.ingress.url}/a`, { headers: { "Connxio-Api-Key": key } })).status).toBe(
        200,
      );
    for (const { secret: key } of busy) for (let i = 0; i < 3; i++) await ask(key);
    await ask(rare.secret);
    const usedOnce = async () =>
      (
        await stack.graphql<{ usage: { total: { previousSecret: number } } }>(
          "query ($id: ID!) { usage(filter: { keyId: $id }) { total { previousSecret } } }",
          { id: rare.keyId },
        )
      ).usage.total.previousSecret;
    await poll(usedOnce).toBe(1);
    await stack.controlPlane.stop("SIGKILL");
    await stack.restartControlPlane();
    await using window = await ConsolePage.open(browser, {
      report: { consoleUrl: new URL("/", stack.graphqlUrl).href, adminToken: stack.adminToken },
    });
    const { page } = window;
    const rows = await hourGroupedBy(window, "Key");
    await page.getByLabel("Order by").selectOption("Previous secret");
    await poll(() => rows.nth(1).getByRole("cell").last().textContent()).toBe("1");
    await window.screenshot("traffic-previous-secret");
    await rows.nth(1).getByRole("link").first().click();
    await page
      .getByRole("list", { name: "Steps of the rotation" })
      .getByText(/^The old secret was last used .*: a client still has it\.$/)
      .waitFor();
    expect(window.problems).toEqual([]);
  });
});

/** Opens Traffic. @returns the rows of the groups in the last hour */
async function hourGroupedBy(window: ConsolePage, kind: "Integration" | "Key"): Promise<Locator> {
  const { page } = window;
  await window.go("/");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Traffic" }).click();
  await page.getByText("1 hour", { exact: true }).click();
  await page.getByLabel("Group by").selectOption(kind);
  return page.getByRole("region", { name: `Requests by ${kind}` }).getByRole("row");
}
