/// <reference lib="dom" />
/**
 * Takes the pictures of the console that README shows: the overview with some minutes of traffic, and an API's routes, each
 * in light and dark at 1440 pixels. Run: `npx tsx test/browser/pictures.ts [minutes of traffic]`.
 */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { launchChromium } from "./support/chromium.js";
import { ConsolePage, screenshotDir, type Theme } from "./support/console-page.js";
import { Dev, type MadeApi, root } from "./support/dev.js";

const MINUTES = Number(process.argv[2] ?? 6);
const TICK_MS = 250;
const DAY_MS = 86_400_000;

interface Traffic {
  readonly key: string;
  readonly path: string;
  /** Requests per tick, on average. */
  readonly weight: number;
}

async function integration(dev: Dev, name: string, url: string, more: object = {}): Promise<string> {
  const { subscriptionId } = await dev.sampleIds();
  const made = await dev.mutate<{ integration: { id: string } }>(
    "createIntegration",
    { subscriptionId, name, urls: [url], method: "AS_RECEIVED", ...more },
    "integration { id }",
  );
  return made.integration.id;
}

async function api(
  dev: Dev,
  title: string,
  integrationId: string,
  routes: readonly string[],
): Promise<MadeApi> {
  const { subscriptionId } = await dev.sampleIds();
  const made = await dev.mutate<{ api: { id: string }; key: { id: string }; secret: string }>(
    "createApi",
    {
      title,
      subscriptionId,
      routes: routes.map((route) => {
        const [method, path] = route.split(" ");
        return { method, path, integrationId };
      }),
    },
    "api { id } key { id } secret",
  );
  return { id: made.api.id, keyId: made.key.id, secret: made.secret };
}

/** Some APIs of one company, with limits, keys that expire, and an integration that is down. */
async function prepare(
  dev: Dev,
): Promise<{ readonly orders: MadeApi; readonly traffic: readonly Traffic[] }> {
  const { integrations } = await dev.sampleIds();
  const [north = "", south = ""] = [integrations.north, integrations.south];
  const legacy = await integration(dev, "Legacy invoices", "http://127.0.0.1:1/invoices", {
    circuitBreaker: { failures: 5, openMs: 20_000 },
  });
  const orders = await api(dev, "Orders, Norway", north, [
    "GET /orders",
    "POST /orders",
    "GET /orders/{id}",
    "PUT /orders/{id}",
    "DELETE /orders/{id}",
    "GET /orders/{id}/lines",
    "POST /orders/{id}/shipments",
    "ANY /files/{path*}",
  ]);
  const customers = await api(dev, "Customers", south, ["GET /customers", "GET /customers/{id}"]);
  const shipments = await api(dev, "Shipments and returns", north, ["POST /shipments", "GET /returns/{id}"]);
  const prices = await api(dev, "Price list", south, ["GET /prices/{sku}"]);
  const invoices = await api(dev, "Invoices", legacy, ["GET /invoices/{id}"]);
  await dev.mutate(
    "updateApi",
    { id: orders.id, summary: "Orders of the web shop and the warehouses.", owner: "Orders team" },
    "api { id }",
  );
  await dev.mutate(
    "updateApiKey",
    { id: prices.keyId, rateLimit: { limit: 60, windowSeconds: 60 } },
    "key { id }",
  );
  for (const [name, days] of [
    ["Partner, staging", 3],
    ["Warehouse scanner", 9],
  ] as const)
    await dev.mutate(
      "createApiKey",
      { apiId: orders.id, name, expiresAt: new Date(Date.now() + days * DAY_MS).toISOString() },
      "key { id }",
    );
  return {
    orders,
    traffic: [
      { key: orders.secret, path: "/orders/17", weight: 1.6 },
      { key: orders.secret, path: "/orders", weight: 0.5 },
      { key: orders.secret, path: "/order/17", weight: 0.05 },
      { key: customers.secret, path: "/customers/4711", weight: 0.9 },
      { key: shipments.secret, path: "/returns/8", weight: 0.6 },
      { key: prices.secret, path: "/prices/a-100", weight: 0.35 },
      { key: invoices.secret, path: "/invoices/3", weight: 0.12 },
      { key: "lk_of_nobody", path: "/orders/17", weight: 0.04 },
    ],
  };
}

/** More and less of it, as in a day of a shop. */
async function send(dev: Dev, traffic: readonly Traffic[]): Promise<void> {
  const ticks = Math.round((MINUTES * 60_000) / TICK_MS);
  for (let tick = 0; tick < ticks; tick++) {
    const swell = 1 + 0.5 * Math.sin((tick * TICK_MS) / 50_000);
    const due = traffic.flatMap((each) =>
      new Array<Traffic>(Math.floor(each.weight * swell + Math.random())).fill(each),
    );
    await Promise.all([...due.map(({ key, path }) => dev.statusAt(path, { key })), sleep(TICK_MS)]);
  }
}

async function take(window: ConsolePage, name: string): Promise<void> {
  for (const theme of ["light", "dark"] satisfies readonly Theme[]) {
    await window.page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await window.page.waitForFunction(
      (want) => document.documentElement.dataset.mantineColorScheme === want,
      theme,
    );
    await window.screenshot(`${name}-${theme}`);
    copyFileSync(
      join(screenshotDir, `${name}-${theme}.png`),
      join(root, "docs", "images", `${name}-${theme}.png`),
    );
  }
}

await using dev = await Dev.start();
const browser = await launchChromium();
try {
  const { orders, traffic } = await prepare(dev);
  await send(dev, traffic);
  await using window = await ConsolePage.open(browser, dev);
  const { page } = window;
  await window.go("/");
  await page.getByText("Top errors").waitFor();
  await page.getByText("upstream.").first().waitFor();
  await take(window, "console");
  await window.go(`/apis/${orders.id}`);
  await page.getByLabel("Path of route 8").waitFor();
  await page.getByRole("heading", { name: "Routes" }).scrollIntoViewIfNeeded();
  await take(window, "routes");
} finally {
  await browser.close();
}
