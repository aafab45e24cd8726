import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { poll, suiteAlone } from "./support/suite.js";

const notice = (page: Page) => page.getByText("The control plane does not respond.");

suiteAlone("a page that is looked at for long", (given) => {
  it("shows what others change, and keeps what is typed", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("First title");
    await inWindow(async (window) => {
      const { page } = window;
      const change = async (title: string, expectedVersion: number) =>
        await dev.mutate("updateApi", { id: api.id, expectedVersion, title }, "api { id }");
      await window.go("/apis?q=title");
      await page.getByRole("link", { name: "First title" }).waitFor();
      await page.getByText(/^Revision \d/).waitFor();
      await dev.makeApi("Another title");
      await page.getByRole("link", { name: "Another title" }).waitFor();
      await page.getByRole("link", { name: "First title" }).click();
      const title = page.getByRole("textbox", { name: "Title" });
      await title.waitFor();
      await change("Second title", 1);
      await dev.makeApi("One more revision");
      await poll(() => title.inputValue()).toBe("Second title");
      await page.getByRole("heading", { name: "Second title", level: 1 }).waitFor();
      await page.getByRole("textbox", { name: "Summary" }).fill("Typed");
      await change("Third title", 2);
      await dev.makeApi("And one more");
      await page.getByRole("heading", { name: "Third title", level: 1 }).waitFor();
      expect(await page.getByRole("textbox", { name: "Summary" }).inputValue()).toBe("Typed");
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByText(/^In force on 1 node/).waitFor();
      expect(await title.inputValue()).toBe("Third title");
    });
  });

  it("says that the control plane does not respond, is not live meanwhile, and comes back by itself", async () => {
    const { dev, inWindow } = given();
    await inWindow(async (window) => {
      const { page } = window;
      await window.go("/nodes");
      await page.getByText("Live", { exact: true }).waitFor();
      const frozenAt = performance.now();
      dev.freezeControlPlane();
      try {
        await notice(page).waitFor();
        console.info(`announced after ${Math.round(performance.now() - frozenAt)} ms`);
        expect(await page.getByText("Live", { exact: true }).count()).toBe(0);
        await page.getByText("Not up to date").waitFor();
      } finally {
        dev.thawControlPlane();
      }
      await page.getByText("Live", { exact: true }).waitFor();
      await notice(page).waitFor({ state: "detached" });
      // The browser logs the connections that were given up.
      window.problems.length = 0;
    });
  });

  it("asks again when a request is lost on the way", async () => {
    const { inWindow } = given();
    await inWindow(async (window) => {
      const { page } = window;
      let lost = 0;
      await page.route("**/graphql", async (route) => {
        const isList = route.request().postData()?.includes("query ApiList") === true;
        if (isList && lost++ === 0) await route.abort();
        else await route.continue();
      });
      await window.go("/apis");
      await page.getByRole("link", { name: "Orders, north" }).waitFor();
      expect(lost).toBeGreaterThan(1);
      window.problems.length = 0;
    });
  });

  it.each(["/apis", "/integrations", "/nodes", "/activity", "/traffic", "an API"])(
    "moves little while it loads: %s",
    async (path) => {
      const { dev, inWindow } = given();
      const api = await dev.makeApi(`Looked at from ${path}`);
      await inWindow(async (window) => {
        const { page } = window;
        await page.addInitScript(() => {
          const shifts: { value: number; nodes: string[] }[] = [];
          Object.assign(window, { shifts });
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries() as unknown as {
              value: number;
              sources: { node: Element | null }[];
            }[])
              shifts.push({
                value: entry.value,
                nodes: entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 90) ?? ""),
              });
          }).observe({ type: "layout-shift", buffered: true });
        });
        await window.go(path.startsWith("/") ? path : `/apis/${api.id}`);
        await page
          .getByText(/^Revision \d/)
          .first()
          .waitFor();
        await page.waitForLoadState("networkidle");
        const shifts = await page.evaluate(
          () => (window as unknown as { shifts: { value: number; nodes: string[] }[] }).shifts,
        );
        const sum = shifts.reduce((total, { value }) => total + value, 0);
        console.info(`layout shift of ${path}: ${sum.toFixed(4)}`);
        expect(sum, JSON.stringify(shifts)).toBeLessThan(0.02);
      });
    },
  );
});
