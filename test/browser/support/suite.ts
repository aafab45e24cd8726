/** What every browser test file starts with: a `latchkey dev`, one Chromium, and windows that must stay clean. */
import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { chromiumPath, launchChromium } from "./chromium.js";
import { ConsolePage, type WindowOptions } from "./console-page.js";
import { Dev } from "./dev.js";
import { sharedStart } from "./shared-dev.js";

/** Long enough for a machine that does much else; a condition that holds ends it at once. */
const POLL_MS_MAX = 120_000;

/** Asks again until the expectation holds. */
export function poll<T>(probe: () => T | Promise<T>): ReturnType<typeof expect.poll<T>> {
  return expect.poll(probe, { timeout: POLL_MS_MAX, interval: 50 });
}

/** In a shadow root as well. */
export function hasFocus(field: Locator): Promise<boolean> {
  return field.evaluate(
    (element) => (element.getRootNode() as Document | ShadowRoot).activeElement === element,
  );
}

export interface Suite {
  readonly dev: Dev;
  /** Runs in a window of its own, and fails on anything that must never happen on a page. */
  readonly inWindow: (work: (window: ConsolePage) => Promise<void>, options?: WindowOptions) => Promise<void>;
  /** The same in the window of the call before, as that left it: loading a page there takes a third of the time. */
  readonly inSameWindow: (work: (window: ConsolePage) => Promise<void>) => Promise<void>;
}

/** For tests that count things, stop processes or change what is there: with processes for this file alone. */
export function suiteAlone(name: string, tests: (given: () => Suite) => void): void {
  suite(name, tests, Dev.start);
}

/** `startDev`: processes for this file alone; without it, it shares those of its worker. */
export function suite(
  name: string,
  tests: (given: () => Suite) => void,
  startDev: (() => Promise<Dev>) | null = null,
): void {
  describe.skipIf(chromiumPath === null)(name, () => {
    let dev: Dev | undefined;
    let browser: Browser | undefined;
    let kept: ConsolePage | undefined;
    beforeAll(async () => {
      if (startDev === null) ({ dev, browser } = await sharedStart());
      else [dev, browser] = await Promise.all([startDev(), launchChromium()]);
    });
    afterAll(async () => {
      await kept?.[Symbol.asyncDispose]();
      kept = undefined;
      if (startDev === null) return;
      await browser?.close();
      await dev?.[Symbol.asyncDispose]();
    });
    tests(() => {
      if (dev === undefined || browser === undefined) throw new Error("nothing was started");
      const given = { dev, browser };
      return {
        dev,
        async inWindow(work, options) {
          await using window = await ConsolePage.open(given.browser, given.dev, options);
          await runIn(window, work);
        },
        async inSameWindow(work) {
          let window = kept;
          kept = undefined;
          if (window === undefined) {
            window = await ConsolePage.open(given.browser, given.dev);
            // A form with changes asks before it is left.
            window.page.on("dialog", (dialog) => void dialog.accept());
          }
          await runIn(window, work);
          kept = window;
        },
      };
    });
  });
}

async function runIn(window: ConsolePage, work: (window: ConsolePage) => Promise<void>): Promise<void> {
  try {
    await work(window);
  } catch (error) {
    await window.screenshot(
      `failed/${expect
        .getState()
        .currentTestName?.replace(/[^a-z0-9]+/gi, "-")
        .slice(0, 120)}`,
    );
    if (window.problems.length > 0) console.error("on the page:", window.problems);
    throw error;
  }
  expect(window.problems).toEqual([]);
}
