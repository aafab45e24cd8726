/** A receipt is a state of what was changed: it follows the nodes and never claims more than they confirmed. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Stack } from "../support/stack.js";
import { chromiumPath, launchChromium } from "./support/chromium.js";
import { type ConsoleHost, ConsolePage } from "./support/console-page.js";
import { poll } from "./support/suite.js";

describe.skipIf(chromiumPath === null)("receipts", () => {
  let stack: Stack;
  let browser: Browser;
  beforeAll(async () => {
    [stack, browser] = await Promise.all([Stack.start({ nodes: 2 }), launchChromium()]);
    // A node that is registered and never started must not count.
    await stack.makeNode("never-started");
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.[Symbol.asyncDispose]();
  });

  const host = (): ConsoleHost => ({
    report: { consoleUrl: new URL("/", stack.graphqlUrl).href, adminToken: stack.adminToken },
  });

  async function makeIntegration(): Promise<string> {
    const made = await stack.graphql<{
      createSubscription: { subscription: { id: string } };
    }>(`mutation { createSubscription(input: { name: "Receipts" }) { subscription { id } } }`);
    const { createIntegration } = await stack.graphql<{
      createIntegration: { integration: { id: string } };
    }>(
      `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { integration { id } } }`,
      {
        input: {
          subscriptionId: made.createSubscription.subscription.id,
          name: "orders",
          urls: ["http://127.0.0.1:9/x"],
        },
      },
    );
    return createIntegration.integration.id;
  }

  it("goes from saved to in force, is amber while a node is silent, and follows it back", async () => {
    const id = await makeIntegration();
    await using window = await ConsolePage.open(browser, host());
    const { page } = window;
    const save = async (url: string) => {
      await page.getByRole("textbox", { name: "Upstream URLs" }).fill(url);
      await page.getByRole("button", { name: "Save", exact: true }).click();
    };
    const receipt = page.locator("[data-save-bar] [data-tone]");
    await window.go(`/integrations/${id}`);
    await save("http://127.0.0.1:9/in-force");
    await receipt.getByText(/^In force on 2 nodes, \d+ ms$/).waitFor();
    expect(await receipt.getAttribute("data-tone")).toBe("ok");
    await window.screenshot("receipt-in-force");

    const [, second] = stack.ingresses;
    if (second === undefined) throw new Error("there is no second node");
    await second.process.stop();
    await poll(async () => {
      const { ingressNodes } = await stack.graphql<{ ingressNodes: { nodes: { status: string }[] } }>(
        "{ ingressNodes(first: 10) { nodes { status } } }",
      );
      return ingressNodes.nodes.map((node) => node.status);
    }).toContain("SILENT");
    await save("http://127.0.0.1:9/silent-node");
    await receipt
      .getByText(/^In force on 1 of 2 nodes\. Not confirmed: node-2 \(not heard from for /)
      .waitFor();
    expect(await receipt.getAttribute("data-tone")).toBe("warn");
    await window.screenshot("receipt-silent-node");

    stack.restartIngress(second);
    await receipt.getByText(/^In force on 2 nodes/).waitFor();
    expect(await receipt.getAttribute("data-tone")).toBe("ok");
    expect(window.problems).toEqual([]);
  });
});
