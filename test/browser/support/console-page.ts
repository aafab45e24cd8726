/// <reference lib="dom" />
/**
 * The console in one browser window. Watches for what must never happen on any page: errors in the browser's
 * console (a refused style or script is one), exceptions, and requests to anywhere but the control plane.
 */

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { root } from "./dev.js";

/** A control plane that serves the console. */
export interface ConsoleHost {
  readonly report: { readonly consoleUrl: string; readonly adminToken: string };
}

export type Theme = "light" | "dark";

export interface WindowOptions {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: Theme;
  /** False: nobody is signed in. */
  readonly isSignedIn?: boolean;
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");
export const screenshotDir = join(root, "test-output", "screenshots");
type SignedIn = Awaited<ReturnType<BrowserContext["storageState"]>>;

/** Cookie and CSRF token of one sign-in. */
const signedIn = new WeakMap<ConsoleHost, SignedIn>();

/**
 * The browser context of signed-in windows that are open one after the other. Its cache has the console's scripts, compiled,
 * which a new context would load again for each window.
 */
const idleContexts = new WeakMap<ConsoleHost, BrowserContext>();

/** What is used of axe-core, in the page. */
interface Axe {
  run(options: {
    /** Others are only counted. */
    readonly resultTypes: readonly string[];
    readonly selectors: boolean;
    /** Ids of rules. */
    readonly runOnly?: readonly string[];
  }): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
}

export interface AxeFinding {
  readonly rule: string;
  readonly impact: string;
  readonly nodes: readonly string[];
}

export class ConsolePage implements AsyncDisposable {
  readonly page: Page;
  readonly problems: string[] = [];
  readonly #context: BrowserContext;
  readonly #dev: ConsoleHost;
  readonly #isSignedIn: boolean;

  private constructor(context: BrowserContext, page: Page, dev: ConsoleHost, isSignedIn: boolean) {
    this.#context = context;
    this.page = page;
    this.#dev = dev;
    this.#isSignedIn = isSignedIn;
    page.setDefaultTimeout(120_000);
    page.on("console", (message) => {
      // The request that asks for the session may get 401.
      if (message.location().url.endsWith("/session")) return;
      if (message.type() === "error" || message.type() === "warning") this.problems.push(message.text());
    });
    page.on("pageerror", (error) => this.problems.push(String(error)));
    const { origin, host } = new URL(dev.report.consoleUrl);
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (url.protocol !== "data:" && url.protocol !== "blob:" && url.origin !== origin)
        this.problems.push(`asked elsewhere: ${url.href}`);
    });
    page.on("websocket", (socket) => {
      if (new URL(socket.url()).host !== host) this.problems.push(`connected elsewhere: ${socket.url()}`);
    });
  }

  static async open(browser: Browser, dev: ConsoleHost, options: WindowOptions = {}): Promise<ConsolePage> {
    const isSignedIn = options.isSignedIn !== false;
    const idle = isSignedIn ? idleContexts.get(dev) : undefined;
    if (idle !== undefined) idleContexts.delete(dev);
    const context =
      idle ??
      (await browser.newContext({
        permissions: ["clipboard-read", "clipboard-write"],
        ...(isSignedIn && { storageState: await sessionOf(browser, dev) }),
      }));
    const page = await context.newPage();
    await page.setViewportSize({ width: options.width ?? 1440, height: options.height ?? 900 });
    await page.emulateMedia({ colorScheme: options.theme ?? "light", reducedMotion: "reduce" });
    return new ConsolePage(context, page, dev, isSignedIn);
  }

  async go(path: string): Promise<void> {
    await this.page.goto(new URL(path, this.#dev.report.consoleUrl).href);
  }

  /** Path and query of the address. */
  get address(): string {
    const { pathname, search } = new URL(this.page.url());
    return pathname + search;
  }

  async clipboard(): Promise<string> {
    return await this.page.evaluate(() => navigator.clipboard.readText());
  }

  /** What axe holds to be serious or critical. `rules`: only these. */
  async seriousFindings(rules: readonly string[] = []): Promise<readonly AxeFinding[]> {
    // A page that was looked at before has it still.
    if (!(await this.page.evaluate(() => "axe" in window))) await this.page.evaluate(axeSource);
    const violations = await this.page.evaluate(async (only) => {
      const { axe } = window as unknown as { axe: Axe };
      const runOnly = only.length === 0 ? {} : { runOnly: only };
      return (await axe.run({ resultTypes: ["violations"], selectors: false, ...runOnly })).violations;
    }, rules);
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, impact, nodes }) => ({
        rule: id,
        impact,
        nodes: nodes.map((node) => node.html.slice(0, 200)),
      }));
  }

  async screenshot(name: string): Promise<void> {
    mkdirSync(screenshotDir, { recursive: true });
    await this.page.screenshot({ path: join(screenshotDir, `${name}.png`), animations: "disabled" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isSignedIn && (await this.#restore())) idleContexts.set(this.#dev, this.#context);
    else await this.#context.close();
  }

  /** Leaves the context as it was after the sign-in, for the next window; false when that cannot be. */
  async #restore(): Promise<boolean> {
    const { cookies, origins } = signedIn.get(this.#dev) ?? { cookies: [], origins: [] };
    const [stored] = origins;
    if (stored === undefined || new URL(this.page.url()).origin !== stored.origin) return false;
    try {
      await this.page.evaluate((entries) => {
        localStorage.clear();
        for (const { name, value } of entries) localStorage.setItem(name, value);
      }, stored.localStorage);
      await Promise.all(this.#context.pages().map((page) => page.close()));
      await this.#context.clearCookies();
      await this.#context.addCookies(cookies);
      return true;
    } catch {
      return false;
    }
  }
}

/** Signs in once a control plane by the page, as a person does; later windows take the cookie along. */
async function sessionOf(browser: Browser, dev: ConsoleHost): Promise<SignedIn> {
  const known = signedIn.get(dev);
  if (known !== undefined) return known;
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(new URL("/sign-in", dev.report.consoleUrl).href);
  await page.getByLabel("Admin token", { exact: true }).fill(dev.report.adminToken);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(({ pathname }) => pathname === "/");
  const got = await context.storageState();
  await context.close();
  signedIn.set(dev, got);
  return got;
}
