/** The console behind a reverse proxy that does not pass `Host` on, as nginx does with `proxy_pass` alone. */
import { createServer, type IncomingHttpHeaders, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { launchChromium } from "./support/chromium.js";
import { suiteAlone } from "./support/suite.js";

/** Passes everything on to `upstream` under that server's own name; WebSockets only with `passesUpgrades`. */
async function rewritingProxy(
  upstream: URL,
  passesUpgrades = true,
): Promise<{ url: string; upgrades: IncomingHttpHeaders[] } & AsyncDisposable> {
  const upgrades: IncomingHttpHeaders[] = [];
  const server = createServer((req, res) => {
    const headers = { ...req.headers, host: upstream.host };
    const onward = request(
      { host: upstream.hostname, port: upstream.port, method: req.method, path: req.url, headers },
      (response) => {
        res.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(res);
      },
    );
    onward.on("error", () => res.destroy());
    req.pipe(onward);
  });
  server.on("upgrade", (req, socket, head) => {
    if (!passesUpgrades) {
      socket.end("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    upgrades.push(req.headers);
    const onward = connect(Number(upstream.port), upstream.hostname, () => {
      const lines = Object.entries({ ...req.headers, host: upstream.host }).map(
        ([name, value]) => `${name}: ${String(value)}\r\n`,
      );
      onward.write(`GET ${req.url} HTTP/1.1\r\n${lines.join("")}\r\n`);
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [socket, onward]) end.on("error", () => end.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    upgrades,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function signIn(page: Page, url: string, token: string): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel("Admin token", { exact: true }).fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/:\d+\/$/);
}

suiteAlone("behind a reverse proxy", (given) => {
  it("that does not pass WebSockets on, the console says so, and not that nobody responds", async () => {
    const { dev } = given();
    await using proxy = await rewritingProxy(new URL(dev.report.consoleUrl), false);
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      await signIn(page, proxy.url, dev.report.adminToken);
      await page.getByText("WebSockets do not get to it").waitFor();
      expect(await page.getByText("does not respond").count()).toBe(0);
    } finally {
      await browser.close();
    }
  });

  it("that rewrites Host, signing in and live views work, without any setting", async () => {
    const { dev } = given();
    await using proxy = await rewritingProxy(new URL(dev.report.consoleUrl));
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      await signIn(page, proxy.url, dev.report.adminToken);
      await page.goto(`${proxy.url}/nodes`);
      await page.getByText("Live", { exact: true }).first().waitFor();
      expect(proxy.upgrades[0]).toMatchObject({ origin: proxy.url, host: new URL(proxy.url).host });
    } finally {
      await browser.close();
    }
  });
});
