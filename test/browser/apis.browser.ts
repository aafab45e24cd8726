import { expect, it } from "vitest";
import { manyApis, manyApisCount } from "./support/many-apis.js";
import { suite } from "./support/suite.js";

/** What a person still calls at once, on a machine that is busy with other tests. Not a benchmark: a bound for lag. */
const LAG_MS_MAX = 5_000;

suite(
  "the list of APIs",
  (given) => {
    it("pages through ten thousand APIs, back and forth, with the place in the address", async () => {
      const { inWindow } = given();
      await inWindow(async (window) => {
        const { page } = window;
        await window.go("/apis");
        await page.getByText(`1–50 of ${manyApisCount.toLocaleString("en")} APIs`).waitFor();
        const titles = () => page.getByRole("row").getByRole("link").allTextContents();
        const first = await titles();
        expect(first).toHaveLength(50);
        const startedMs = performance.now();
        await page.getByRole("button", { name: "Next" }).click();
        await page.waitForURL("**/apis?after=*");
        await page.getByRole("link", { name: first[0] ?? "", exact: true }).waitFor({ state: "detached" });
        expect(performance.now() - startedMs).toBeLessThan(LAG_MS_MAX);
        const second = await titles();
        expect(new Set([...first, ...second]).size).toBe(100);
        await page.reload();
        await page.getByRole("link", { name: second[0] ?? "", exact: true }).waitFor();
        await page.getByRole("button", { name: "Previous" }).click();
        await page.getByRole("link", { name: first[0] ?? "", exact: true }).waitFor();
        await page.goBack();
        await page.getByRole("link", { name: second[0] ?? "", exact: true }).waitFor();
        expect(await titles()).toEqual(second);
      });
    });

    it("searches title, summary and path from the keyboard: / to start, Escape to empty", async () => {
      const { inWindow } = given();
      await inWindow(async (window) => {
        const { page } = window;
        await window.go("/apis");
        await page.getByText(`1–50 of ${manyApisCount.toLocaleString("en")} APIs`).waitFor();
        await page.keyboard.press("/");
        await page.keyboard.type("copy 00777");
        await page.getByText("1 API", { exact: true }).waitFor();
        await page.getByRole("link", { name: "Copy 00777", exact: true }).waitFor();
        expect(window.address).toBe("/apis?q=copy+00777");
        await page.keyboard.press("Escape");
        await page.getByText(`1–50 of ${manyApisCount.toLocaleString("en")} APIs`).waitFor();
        await page.keyboard.type("orders north");
        await page.getByRole("link", { name: "Orders, north", exact: true }).waitFor();
        await page.keyboard.press("Escape");
        await page.keyboard.type("northern warehouse");
        await page.getByRole("link", { name: "Orders, north", exact: true }).waitFor();
        await page.keyboard.press("Escape");
        await page.keyboard.type("/orders/{orderid}");
        await page.getByText(`of ${manyApisCount.toLocaleString("en")} APIs`).waitFor();
        await page.keyboard.press("Escape");
        await page.keyboard.type("there is no such api");
        await page.getByRole("heading", { name: "No API matches" }).waitFor();
      });
    });

    it("shows one subscription, and the way to the first API of an empty one", async () => {
      const { dev, inWindow } = given();
      const { subscription } = await dev.mutate<{ subscription: { id: string } }>(
        "createSubscription",
        { name: "Empty House" },
        "subscription { id }",
      );
      await inWindow(async (window) => {
        const { page } = window;
        await window.go("/apis");
        const choice = page.getByRole("combobox", { name: "Subscription" });
        await choice.click();
        await choice.fill("empty");
        await page.getByRole("option", { name: "Empty House" }).click();
        await page.waitForURL(`**/apis?subscription=${subscription.id}`);
        await page.getByRole("heading", { name: "No API matches" }).waitFor();
        await page.getByRole("button", { name: "Show all APIs" }).click();
        await page.getByText(`of ${manyApisCount.toLocaleString("en")} APIs`).waitFor();
      });
    });

    it("can be walked by keyboard alone, from the skip link to an API", async () => {
      const { inWindow } = given();
      await inWindow(async (window) => {
        const { page } = window;
        await window.go("/apis?q=orders+north");
        await page.getByRole("link", { name: "Orders, north", exact: true }).waitFor();
        await page.keyboard.press("Tab");
        const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
        expect(await focused()).toBe("Skip to the content");
        await page.keyboard.press("Enter");
        for (let presses = 0; (await focused()) !== "Orders, north"; presses++) {
          expect(presses).toBeLessThan(12);
          await page.keyboard.press("Tab");
        }
        await page.keyboard.press("Enter");
        await page.getByRole("heading", { name: "Orders, north", level: 1 }).waitFor();
      });
    });
  },
  manyApis,
);
