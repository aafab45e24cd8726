/// <reference lib="dom" />
/** Windows between a phone and a desktop: tables and rows of forms give up columns before the page gets wider than the window. */
import { expect, it } from "vitest";
import { poll, suite } from "./support/suite.js";

const widths = [600, 900, 1024, 1180, 1260] as const;
/** Around the widths at which lists become cards and the navigation becomes a bar. */
const listWidths = [320, 375, 540, 561, 640, 690, 768, 880, 897, 940, 1060, 1280] as const;

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

  it("show each list without a sideways scroll, as a table or as cards", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Listed");
    await dev.mutate(
      "createApiKey",
      { apiId: api.id, name: "Of all who write a long name for a key of theirs", mode: "WEBHOOK" },
      "key { id }",
    );
    await poll(() => dev.statusAt("/things/1", { key: api.secret })).toBe(200);
    const paths = [
      "/apis",
      `/apis/${api.id}/keys`,
      "/integrations",
      "/subscriptions",
      "/nodes",
      "/activity",
      "/sessions",
      "/traffic?window=1h",
    ];
    await inWindow(async (window) => {
      const { page } = window;
      for (const path of paths) {
        await window.go(path);
        await page.locator("main tbody tr").first().waitFor({ state: "attached" });
        for (const width of listWidths) {
          await page.setViewportSize({ width, height: 900 });
          expect(await page.evaluate(scrolledSideways), `${path} at ${width}`).toEqual([]);
        }
      }
    });
  });
});

/** Frames of tables that are wider than their place, and the page itself. */
function scrolledSideways(): readonly string[] {
  const frames = [...document.querySelectorAll("main table")].map((table) => table.parentElement);
  return [document.documentElement, ...frames]
    .filter((each) => each !== null && each.closest(".lk-visually-hidden") === null)
    .filter((each) => each !== null && each.scrollWidth > each.clientWidth)
    .map((each) => each?.className ?? "");
}
