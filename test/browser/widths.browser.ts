/** Windows between a phone and a desktop: tables and rows of forms give up columns before the page gets wider than the window. */
import { expect, it } from "vitest";
import { suite } from "./support/suite.js";

const widths = [600, 900, 1024, 1180, 1260] as const;

suite("windows of all widths", (given) => {
  it("are never narrower than their page, and a route keeps its buttons in sight", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Of all widths");
    const { integrations } = await dev.sampleIds();
    const pages = [
      [`/apis/${api.id}`, "Remove route 1"],
      [`/apis/${api.id}/keys`, "New key"],
      ["/integrations", "Columns"],
      [`/integrations/${integrations.north}`, "Delete"],
      ["/nodes", "New node"],
    ] as const;
    await inWindow(async (window) => {
      const { page } = window;
      for (const [path, button] of pages) {
        await window.go(path);
        const control = page.locator("main").getByRole("button", { name: button, exact: true });
        await control.waitFor();
        for (const width of widths) {
          await page.setViewportSize({ width, height: 900 });
          const seen = await control.evaluate((element) => ({
            isWider: document.documentElement.scrollWidth > document.documentElement.clientWidth,
            isCut:
              element.getBoundingClientRect().right >
              (element.closest("section, header")?.getBoundingClientRect().right ?? 0),
          }));
          expect(seen, `${path} at ${width}`).toEqual({ isWider: false, isCut: false });
        }
      }
    });
  });
});
