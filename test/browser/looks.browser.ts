import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { ConsolePage, Theme } from "./support/console-page.js";
import type { MadeApi } from "./support/dev.js";
import { prepare, sampleDocument, sendSome } from "./support/looked-at.js";
import { poll, suiteAlone } from "./support/suite.js";

const FIRST_LOAD_BYTES_MAX = 250 * 1024;
/** Colors differ by theme, layout by width: two of the four corners see all of both. */
const FIRST_CORNER = [1440, "light"] as const;
const corners: readonly (readonly [number, Theme])[] = [FIRST_CORNER, [375, "dark"]];
/** The rules of axe that theme or width decide: the others hold for every corner once they hold for the first. */
const rulesOfLooks = ["color-contrast", "scrollable-region-focusable", "link-in-text-block"];

/** For people who look at the pictures. */
const otherCorners: typeof corners =
  process.env.LATCHKEY_LOOKS === "all"
    ? [
        [1440, "dark"],
        [768, "light"],
        [375, "light"],
      ]
    : [];

interface View {
  readonly name: string;
  readonly path: (api: MadeApi, integrationId: string) => string;
  /** Brings the view into the state that is worth a look. */
  readonly ready: (page: Page, requests: () => Promise<void>) => Promise<unknown>;
  readonly isSignedIn?: boolean;
}

const heading = (name: string) => (page: Page) =>
  page.getByRole("heading", { name, exact: true, level: 1 }).waitFor();

const views: readonly View[] = [
  { name: "sign-in", path: () => "/sign-in", ready: heading("Sign in to the console"), isSignedIn: false },
  { name: "overview", path: () => "/", ready: (page) => page.getByText("Top errors").waitFor() },
  { name: "palette", path: () => "/", ready: paletteOpened },
  {
    name: "apis",
    path: () => "/apis",
    ready: (page) => page.getByRole("link", { name: "Looked at" }).waitFor(),
  },
  {
    name: "apis-nothing-found",
    path: () => "/apis?q=nothing+like+it",
    ready: (page) => page.getByText("No API matches").waitFor(),
  },
  { name: "api-new", path: () => "/apis/new", ready: (page) => page.getByLabel("Path of route 1").waitFor() },
  { name: "api-refused", path: ({ id }) => `/apis/${id}`, ready: refused },
  {
    name: "api",
    path: ({ id }) => `/apis/${id}`,
    ready: (page) => page.getByLabel("Path of route 3").waitFor(),
  },
  { name: "api-operation", path: ({ id }) => `/apis/${id}`, ready: panelOpened },
  { name: "api-policies", path: ({ id }) => `/apis/${id}`, ready: policiesOpened },
  { name: "api-menu", path: ({ id }) => `/apis/${id}`, ready: menuOpened },
  { name: "api-openapi", path: ({ id }) => `/apis/${id}?view=openapi`, ready: operationOpened },
  { name: "api-schemas", path: ({ id }) => `/apis/${id}/schemas`, ready: schemaOpened },
  { name: "import", path: () => "/apis/import", ready: heading("Import OpenAPI") },
  { name: "api-import", path: ({ id }) => `/apis/${id}/import`, ready: documentRead },
  { name: "api-import-broken", path: ({ id }) => `/apis/${id}/import`, ready: documentBroken },
  {
    name: "api-keys",
    path: ({ id }) => `/apis/${id}/keys`,
    ready: (page) => page.getByText("Partner, test").waitFor(),
  },
  {
    name: "api-key",
    path: ({ id, keyId }) => `/apis/${id}/keys/${keyId}`,
    ready: (page) => page.getByRole("heading", { name: "Rotation" }).waitFor(),
  },
  { name: "api-key-new", path: ({ id }) => `/apis/${id}/keys`, ready: newKeyOpened },
  { name: "api-try", path: ({ id }) => `/apis/${id}?try=PUT%20/orders/{orderId}`, ready: tried },
  {
    name: "api-traffic",
    path: ({ id }) => `/apis/${id}/traffic`,
    ready: withTraffic,
  },
  {
    name: "api-activity",
    path: ({ id }) => `/apis/${id}/activity`,
    ready: (page) => page.getByRole("row").getByText("api.create").waitFor(),
  },
  {
    name: "integrations",
    path: () => "/integrations",
    ready: (page) => page.getByRole("link", { name: "north" }).waitFor(),
  },
  { name: "integration", path: (_, id) => `/integrations/${id}`, ready: heading("north") },
  {
    name: "credentials",
    path: () => "/credentials",
    ready: (page) => page.getByRole("link", { name: "Target login" }).waitFor(),
  },
  { name: "credential", path: () => "/credentials", ready: credentialOpened },
  { name: "credential-new", path: () => "/credentials/new", ready: heading("New credential") },
  {
    name: "subscriptions",
    path: () => "/subscriptions",
    ready: (page) => page.getByRole("link", { name: "Sample" }).waitFor(),
  },
  {
    name: "nodes",
    path: () => "/nodes",
    ready: (page) => page.getByText("Healthy", { exact: true }).waitFor(),
  },
  {
    name: "activity",
    path: () => "/activity",
    ready: (page) => page.getByText("apiKey.create").locator("visible=true").first().waitFor(),
  },
  { name: "traffic", path: () => "/traffic", ready: withTraffic },
  { name: "requests", path: () => "/requests?range=15m", ready: withRequests },
  { name: "request", path: () => "/requests?outcome=FAILED", ready: requestOpened },
  { name: "api-requests", path: ({ id }) => `/apis/${id}/requests`, ready: withRequests },
  { name: "api-compare", path: ({ id }) => `/apis/${id}?try=GET%20/orders/{orderId}`, ready: sentTwice },
  {
    name: "not-found",
    path: () => "/no/such/page",
    ready: (page) => page.getByText("There is no such page").waitFor(),
  },
];

suiteAlone("every view", (given) => {
  let prepared: Promise<readonly [MadeApi, string]> | undefined;

  it.each(views)("$name: light at 1440 and dark at 375 pixels, nothing serious for axe", async (view) => {
    const { dev, inWindow, inSameWindow } = given();
    prepared ??= prepare(dev);
    const [api, integrationId] = await prepared;
    const look = async (window: ConsolePage): Promise<void> => {
      await resize(window, ...FIRST_CORNER);
      await window.go(view.path(api, integrationId));
      await view.ready(window.page, () => sendSome(dev, api));
      for (const [width, theme] of [...corners, ...otherCorners]) {
        await show(window, width, theme);
        await window.screenshot(`${view.name}-${theme}-${width}`);
        expect(await overflow(window.page), `${view.name} at ${width}`).toBeLessThanOrEqual(0);
        const isFirst = width === FIRST_CORNER[0] && theme === FIRST_CORNER[1];
        expect(await window.seriousFindings(isFirst ? [] : rulesOfLooks)).toEqual([]);
      }
      if (otherCorners.length > 0) await showForcedColors(window, view.name);
    };
    await (view.isSignedIn === false ? inWindow(look, { isSignedIn: false }) : inSameWindow(look));
  });

  it("loads less than 250 KiB of compressed script at first, all of it from the control plane", async () => {
    const { inWindow } = given();
    await inWindow(async (window) => {
      await window.go("/apis");
      await window.page.getByRole("link", { name: "Orders, north" }).waitFor();
      const scripts = await window.page.evaluate(() =>
        performance
          .getEntriesByType("resource")
          .map((entry) => entry.name)
          .filter((name) => name.endsWith(".js")),
      );
      let bytes = 0;
      for (const script of new Set(scripts)) {
        const response = await fetch(script, { headers: { "accept-encoding": "gzip" } });
        expect(response.headers.get("content-encoding") ?? "none").toMatch(/gzip|none/);
        bytes += Number(response.headers.get("content-length"));
      }
      console.log(
        `first load: ${scripts.length} scripts, ${(bytes / 1024).toFixed(0)} KiB compressed with gzip`,
      );
      expect(scripts.length).toBeGreaterThan(0);
      expect(bytes).toBeLessThan(FIRST_LOAD_BYTES_MAX);
    });
  });

  it("runs under a policy without inline scripts and styles, and would say so if one were refused", async () => {
    const { dev, inWindow } = given();
    const page = await fetch(new URL("/apis", dev.report.consoleUrl), { headers: { accept: "text/html" } });
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("style-src 'self'");
    expect(policy).not.toContain("unsafe");
    await inWindow(async (window) => {
      await window.go("/apis");
      await window.page.evaluate(() =>
        document.body.append(Object.assign(document.createElement("style"), { textContent: "a{}" })),
      );
      await poll(() => window.problems.join()).toContain("Content Security Policy");
      window.problems.length = 0;
    });
  });

  it("keeps the chosen theme over a reload, before the first paint", async () => {
    const { inWindow } = given();
    await inWindow(async (window) => {
      const { page } = window;
      await window.go("/apis");
      await page
        .getByRole("radiogroup", { name: "Theme" })
        .first()
        .getByText("Dark", { exact: true })
        .click();
      const theme = () => page.evaluate(() => document.documentElement.dataset.mantineColorScheme);
      await poll(theme).toBe("dark");
      await page.reload({ waitUntil: "commit" });
      await page.locator("#root").waitFor({ state: "attached" });
      expect(await theme()).toBe("dark");
    });
  });
});

async function withTraffic(page: Page, requests: () => Promise<void>): Promise<void> {
  await page.getByText("Rate now").waitFor();
  await page.getByText("Live", { exact: true }).first().waitFor();
  await requests();
  await page.getByRole("table", { name: /Sampled requests/ }).waitFor();
}

async function withRequests(page: Page, requests: () => Promise<void>): Promise<void> {
  await page.getByRole("button", { name: "Refresh" }).waitFor();
  await requests();
  await poll(async () => {
    await page.getByRole("button", { name: "Refresh" }).click();
    return await page.getByRole("row").getByText("route.not_found").first().isVisible();
  }).toBe(true);
  await page.getByRole("img", { name: /^Kept requests/ }).waitFor();
}

async function requestOpened(page: Page, requests: () => Promise<void>): Promise<void> {
  await withRequests(page, requests);
  await page
    .getByRole("table", { name: "requests" })
    .getByRole("link", { name: /nowhere/ })
    .first()
    .click();
  await page.getByRole("region", { name: "Timeline" }).waitFor();
}

/** As with a contrast theme of the system: for people who look at the pictures. */
async function showForcedColors(window: ConsolePage, name: string): Promise<void> {
  await window.page.emulateMedia({ forcedColors: "active" });
  await show(window, 1440, "dark");
  await window.screenshot(`${name}-forced-1440`);
  await window.page.emulateMedia({ forcedColors: null });
}

async function resize({ page }: ConsolePage, width: number, theme: Theme): Promise<void> {
  await page.setViewportSize({ width, height: width === 375 ? 812 : 900 });
  await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
}

async function show(window: ConsolePage, width: number, theme: Theme): Promise<void> {
  const { page } = window;
  await resize(window, width, theme);
  await page.waitForFunction((want) => document.documentElement.dataset.mantineColorScheme === want, theme);
}

/** Pixels that the page is wider than its window. */
function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

async function refused(page: Page): Promise<void> {
  await page.getByLabel("Path of route 2").fill("orders");
  await page.getByRole("textbox", { name: "Title" }).fill("");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("The title is required.").waitFor();
}

/** Some that fields can say, one that only JSON can, and a refusal. */
async function panelOpened(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Operation of route 1" }).click();
  const panel = page.getByRole("group", { name: "Operation of route 1" });
  await panel.getByRole("button", { name: "Edit as JSON" }).click();
  await panel.getByRole("textbox", { name: "Operation as JSON" }).fill(
    JSON.stringify({
      summary: "Get an order",
      parameters: [
        {
          name: "orderId",
          in: "path",
          required: true,
          schema: { type: "integer", minimum: 1 },
          description: "Number of the order.",
        },
        { name: "former", in: "path", required: true, schema: {} },
        { name: "state", in: "query", required: true, schema: { type: "string", enum: ["new", "paid"] } },
        { name: "line", in: "query", schema: { type: "string", pattern: "(?=no)" } },
        { name: "X-Tenant", in: "header", schema: { type: "string" } },
      ],
      responses: { "200": { description: "The order." } },
    }),
  );
  await panel.getByRole("button", { name: "Back to fields" }).click();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await panel.getByText("Requests cannot be held to this schema").waitFor();
  await panel.scrollIntoViewIfNeeded();
}

async function credentialOpened(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Target login" }).click();
  await page.getByRole("link", { name: "Logged in" }).waitFor();
}

async function policiesOpened(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Operation of route 3" }).click();
  const policies = page.getByRole("group", { name: "Policies of route 3" });
  await policies.getByRole("textbox", { name: "Response header rules" }).fill("set X-Frame-Options: DENY");
  await policies.getByRole("textbox", { name: "Rate limit", exact: true }).fill("100");
  await policies.scrollIntoViewIfNeeded();
}

async function paletteOpened(page: Page): Promise<void> {
  await page.getByText("Top errors").waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: /^Search APIs/ }).fill("looked");
  await page
    .getByRole("option", { name: /^Looked at/ })
    .first()
    .waitFor();
}

async function menuOpened(page: Page): Promise<void> {
  await page.getByRole("button", { name: "More actions of this API" }).click();
  await page.getByRole("menuitem", { name: "Delete API" }).waitFor();
}

async function operationOpened(page: Page): Promise<void> {
  await page.locator("summary").filter({ hasText: "/orders/{orderId}" }).first().click();
  await page.getByText("Responses").locator("visible=true").first().waitFor();
}

async function schemaOpened(page: Page): Promise<void> {
  await page.getByText("Used by 1 operation").click();
  await page.getByText("lines", { exact: true }).waitFor();
}

async function documentRead(page: Page): Promise<void> {
  await chooseDocument(page, JSON.stringify(sampleDocument));
  await page.getByRole("checkbox", { name: /Delete routes/ }).check();
  await page.getByRole("list", { name: "Routes to delete" }).waitFor();
  await page.getByRole("checkbox", { name: "Select POST /labels" }).check();
  await page.getByText("1 operation selected").waitFor();
  await page.getByText("Choose integrations for 3 operations.").waitFor();
}

async function documentBroken(page: Page): Promise<void> {
  await chooseDocument(
    page,
    "openapi: 3.1.0\ninfo:\n  title: Shop\n  version: 1.0.0\npaths:\n  /orders: {get: [}\n",
  );
  await page.getByText(/^Line 6, column/).waitFor();
}

async function chooseDocument(page: Page, text: string): Promise<void> {
  await page
    .locator('input[type="file"]')
    .setInputFiles({ name: "shop.json", mimeType: "application/json", buffer: Buffer.from(text) });
}

async function newKeyOpened(page: Page): Promise<void> {
  await page.getByRole("button", { name: "New key" }).click();
  await page.getByRole("dialog", { name: "New key" }).getByLabel("Expires").waitFor();
}

async function tried(page: Page): Promise<void> {
  await page.getByRole("group", { name: "Path parameters" }).getByLabel("orderId").fill("17");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByRole("region", { name: "Body of the response" }).waitFor();
}

async function sentTwice(page: Page): Promise<void> {
  await page.getByLabel("Compare with another key").check();
  await page.getByLabel("Other key", { exact: true }).waitFor();
  await page.getByRole("group", { name: "Path parameters" }).getByLabel("orderId").fill("17");
  await page.getByRole("button", { name: "Send with both keys" }).click();
  await page.getByText(/Both keys reached|got one/).waitFor();
}
