/** A page that opens a WebSocket through the ingress. Browsers cannot send a header with it: a WEBHOOK key goes in the URL. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { type RawData, WebSocketServer } from "ws";
import { launchChromium } from "./support/chromium.js";
import { suite } from "./support/suite.js";

/** A WebSocket server, and a page beside it. */
async function echoTarget(): Promise<{ url: string; pageUrl: string } & AsyncDisposable> {
  const http = createServer((_, response) => {
    response.setHeader("content-type", "text/html").end("<!doctype html><title>page</title>");
  });
  const server = new WebSocketServer({ server: http });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const { port } = http.address() as AddressInfo;
  server.on("connection", (socket) => {
    socket.on("message", (data: RawData, isBinary) => socket.send(data, { binary: isBinary }));
    socket.on("error", () => undefined);
  });
  return {
    url: `http://127.0.0.1:${port}/live`,
    pageUrl: `http://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      for (const socket of server.clients) socket.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

suite("a page with a WebSocket", (given) => {
  it("sends and receives with a webhook key in the URL, is refused without one, and ends with the key", async () => {
    const { dev } = given();
    await using target = await echoTarget();
    const { api: sample } = await dev.graphql<{ api: { subscription: { id: string } } }>(
      "query ($id: ID!) { api(id: $id) { subscription { id } } }",
      { id: dev.sample(0).apiId },
    );
    const subscriptionId = sample.subscription.id;
    const { integration } = await dev.mutate<{ integration: { id: string } }>(
      "createIntegration",
      { subscriptionId, name: "Live", inboundKind: "API", urls: [target.url], webSockets: true },
      "integration { id }",
    );
    const made = await dev.mutate<{ key: { id: string }; secret: string }>(
      "createApi",
      {
        title: "Live",
        summary: "",
        subscriptionId,
        routes: [{ method: "GET", path: "/live", integrationId: integration.id }],
        key: { mode: "WEBHOOK" },
      },
      "key { id } secret receipt(nodes: ALL, timeoutMs: 30000) { complete }",
    );
    const base = `${dev.report.ingressUrl.replace(/^http/, "ws")}/live`;
    const url = `${base}?Connxio-Api-Key=${made.secret}&Connxio-Api-Webhook=true`;
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      await page.goto(target.pageUrl);
      expect(await page.evaluate(opened, base)).toBe("1006 ");
      expect(await page.evaluate(opened, url)).toBe("open");
      expect(await page.evaluate(echoed, "hello")).toBe("hello");
      expect(await page.evaluate(echoed, "x".repeat(200_000))).toHaveLength(200_000);
      await dev.mutate("updateApiKey", { id: made.key.id, active: false }, "key { id }");
      expect(await page.evaluate(() => (window as unknown as Opened).ended)).toBe("1008 key.disabled");
    } finally {
      await browser.close();
    }
  });
});

/** What the page keeps between two steps. */
interface Opened {
  readonly socket: WebSocket;
  /** Code and reason. */
  readonly ended: Promise<string>;
}

// These run in the page.

function opened(url: string): Promise<string> {
  const socket = new WebSocket(url);
  const ended = new Promise<string>((resolve) => {
    socket.onclose = ({ code, reason }) => resolve(`${code} ${reason}`);
  });
  Object.assign(window, { socket, ended });
  const open = new Promise<string>((resolve) => {
    socket.onopen = () => resolve("open");
  });
  return Promise.race([open, ended]);
}

function echoed(text: string): Promise<string> {
  const { socket, ended } = window as unknown as Opened;
  const received = new Promise<string>((resolve) => {
    socket.onmessage = ({ data }: MessageEvent<string>) => resolve(data);
  });
  socket.send(text);
  return Promise.race([received, ended]);
}
