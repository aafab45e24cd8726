/** What every list of the console promises; tried on APIs and keys, which use the one table that all lists use. */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { Dev } from "./support/dev.js";
import { poll, suiteAlone } from "./support/suite.js";

const PAGE_SIZE = 50;

async function makeSubscription(dev: Dev, name: string): Promise<string> {
  const made = await dev.mutate<{ subscription: { id: string } }>(
    "createSubscription",
    { name },
    "subscription { id }",
  );
  return made.subscription.id;
}

async function makeApis(dev: Dev, subscriptionId: string, titles: readonly string[]): Promise<void> {
  for (const title of titles) await dev.mutate("createApi", { title, subscriptionId }, "api { id }");
}

const titles = (page: Page) => page.locator("a[data-row-link]").allTextContents();
const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

suiteAlone("tables", (given) => {
  it("names the rows of a page, orders the whole list by a head, and keeps both in the address", async () => {
    const { dev, inWindow } = given();
    const subscription = await makeSubscription(dev, "Ordered");
    const made = Array.from({ length: PAGE_SIZE + 3 }, (_, n) => `T${String(n).padStart(2, "0")}`);
    await makeApis(dev, subscription, made);
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis?subscription=${subscription}`);
      await page.getByText("1–50 of 53 APIs").waitFor();
      await page.getByRole("button", { name: "Next" }).click();
      await page.getByText("51–53 of 53 APIs").waitFor();
      expect(await titles(page)).toEqual(["T50", "T51", "T52"]);
      await page.reload();
      await page.getByText("51–53 of 53 APIs").waitFor();
      // A new order begins on the first page.
      const head = page.getByRole("columnheader", { name: "API", exact: true });
      expect(await head.getAttribute("aria-sort")).toBe("ascending");
      await head.getByRole("button").click();
      await page.getByText("1–50 of 53 APIs").waitFor();
      await poll(() => titles(page).then(([first]) => first)).toBe("T52");
      expect(await head.getAttribute("aria-sort")).toBe("descending");
      await page.reload();
      await poll(() => titles(page).then(([first]) => first)).toBe("T52");
      await page.getByRole("columnheader", { name: "Changed" }).getByRole("button").click();
      await poll(() => titles(page).then((shown) => shown.length)).toBe(PAGE_SIZE);
      expect(window.address).toContain("sort=-updated_at");
      // The head stays in sight.
      await page.evaluate(() => globalThis.scrollTo({ top: 600 }));
      const { y } = (await head.boundingBox()) ?? { y: -1 };
      expect(y).toBeGreaterThanOrEqual(0);
    });
  });

  it("follows the row's link wherever the row is clicked, as a link does", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Clicked");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go("/apis?q=clicked");
      const row = page.getByRole("row", { name: /Clicked/ });
      const [opened] = await Promise.all([
        page.context().waitForEvent("page"),
        row.getByText("Sample").click({ modifiers: ["ControlOrMeta"], force: true }),
      ]);
      await opened.waitForURL(`**/apis/${api.id}`);
      await opened.close();
      // A time with a tooltip lies over the link.
      await row.getByRole("time").click();
      await page.waitForURL(`**/apis/${api.id}`);
    });
  });

  it("shows the columns that a person chose, also after a reload", async () => {
    const { dev, inWindow } = given();
    await dev.makeApi("Columned");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go("/apis?q=columned");
      const head = (name: string) => page.getByRole("columnheader", { name, exact: true });
      await head("Subscription").waitFor();
      expect(await head("Created").count()).toBe(0);
      await page.getByRole("button", { name: "Columns" }).click();
      await page.getByRole("checkbox", { name: "Created" }).click();
      await page.getByRole("checkbox", { name: "Subscription" }).click();
      await head("Created").waitFor();
      await page.reload();
      await head("Created").waitFor();
      expect(await head("Subscription").count()).toBe(0);
      expect(await window.seriousFindings()).toEqual([]);
    });
  });

  it("disables selected keys at once, and Undo really enables those that were enabled", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Bulk");
    const secrets: string[] = [api.secret];
    for (const [name, active] of [
      ["Second", true],
      ["Off before", false],
    ] as const) {
      const made = await dev.mutate<{ secret: string }>(
        "createApiKey",
        { apiId: api.id, name, active },
        "secret",
      );
      secrets.push(made.secret);
    }
    const statuses = () => Promise.all(secrets.map((key) => dev.statusAt("/things/1", { key })));
    await poll(statuses).toEqual([200, 200, 403]);
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/keys`);
      await page.getByRole("checkbox", { name: "Select all keys of this page" }).check();
      const bar = page.getByRole("region", { name: "Selected rows" });
      await bar.getByText("3 keys selected").waitFor();
      expect(await window.seriousFindings()).toEqual([]);
      await bar.getByRole("button", { name: "Disable" }).click();
      const message = page.getByText("2 keys disabled");
      await message.waitFor();
      await poll(statuses).toEqual([403, 403, 403]);
      await page.getByRole("button", { name: "Undo" }).click();
      await message.waitFor({ state: "detached" });
      await poll(statuses).toEqual([200, 200, 403]);
      // What cannot be undone is asked first.
      await bar.getByRole("button", { name: "Delete" }).click();
      const question = page.getByRole("dialog", { name: "Delete 3 keys?" });
      await question.getByText(/cannot be undone/).waitFor();
      await question.getByRole("button", { name: "Cancel" }).click();
      expect(await statuses()).toEqual([200, 200, 403]);
    });
  });

  it("holds texts without a break, texts from right to left and emoji, and makes cards of narrow tables only", async () => {
    const { dev, inWindow } = given();
    const subscription = await makeSubscription(dev, "ق".repeat(150));
    await makeApis(dev, subscription, [
      "W".repeat(200),
      "\u05e2\u05d1\u05e8\u05d9\u05ea (left)",
      "📦".repeat(60),
    ]);
    await inWindow(async (window) => {
      const { page } = window;
      for (const path of [`/apis?subscription=${subscription}`, "/subscriptions"]) {
        await window.go(path);
        await page.locator("a[data-row-link]").first().waitFor();
        for (const width of [1440, 768, 560, 375]) {
          await page.setViewportSize({ width, height: 900 });
          expect(await overflow(page), `${path} at ${width}`).toBeLessThanOrEqual(0);
          const display = await page
            .locator("tbody tr")
            .first()
            .evaluate((row) => getComputedStyle(row).display);
          expect(display, `${path} at ${width}`).toBe(width > 560 ? "table-row" : "flex");
        }
      }
    });
  });
});
