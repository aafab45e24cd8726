import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { createLogger } from "@latchkey/observe";
import { hasOpenssl, TestAuthority } from "@latchkey/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ClientAddresses } from "./client-address.js";
import { HttpRouter } from "./http-router.js";
import { HttpServer } from "./http-server.js";
import { TlsMaterial } from "./tls-material.js";

const logLines: string[] = [];
const logger = createLogger({ name: "test", stream: { write: (line: string) => logLines.push(line) } });
const listen = (router: HttpRouter, tls: TlsMaterial | null = null, connectionsPerAddressMax = 200) =>
  HttpServer.listen({
    host: "127.0.0.1",
    port: 0,
    router,
    tls,
    logger,
    limits: { connectionsMax: 2_000, connectionsPerAddressMax },
    addresses: new ClientAddresses([]),
    onUpgrade: (_req, socket) => socket.destroy(),
  });

describe("the HTTP server", () => {
  it("turns what nobody foresaw into one sentence, and logs the rest with the request's id", async () => {
    const router = new HttpRouter().on("GET", "/boom", () => {
      throw new Error("secret detail");
    });
    await using server = await listen(router);
    const response = await fetch(`${server.url}/boom`, { headers: { "x-request-id": "r-7" } });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("secret detail");
    expect(logLines.join("")).toContain("secret detail");
    expect(logLines.join("")).toContain("r-7");
  });

  it("responds 408 to a body that does not come in time, and closes the connection", async () => {
    const router = new HttpRouter().on("POST", "/timed", async (exchange) => {
      exchange.json(200, await exchange.jsonBody(1_000, 50));
    });
    await using server = await listen(router);
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    let received = "";
    socket.setEncoding("latin1").on("data", (text: string) => {
      received += text;
    });
    socket.write(
      "POST /timed HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{",
    );
    const drip = setInterval(() => socket.write(" "), 10);
    await once(socket, "end");
    clearInterval(drip);
    socket.destroy();
    expect(received).toMatch(/^HTTP\/1\.1 408 /);
    expect(received).toMatch(/connection: close/i);
    expect(received).toContain("REQUEST_TIMEOUT");
  });

  it.each([
    ["with its length", "content-length: 8000000", ""],
    ["in one chunk", "transfer-encoding: chunked", "7a1200\r\n"],
  ])("reads a body that is too large, %s, to its end before it refuses it", async (_, header, prefix) => {
    const router = new HttpRouter().on("POST", "/small", async (exchange) => {
      exchange.json(200, await exchange.jsonBody(1_000));
    });
    await using server = await listen(router);
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    const ended = once(socket, "end");
    socket.write(
      `POST /small HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${header}\r\n\r\n${prefix}`,
    );
    // A client that reads only after it has sent all.
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      const text = prefix === "" ? "" : "\r\n0\r\n\r\n";
      socket.write(" ".repeat(8_000_000) + text, (error) => (error ? reject(error) : resolve()));
    });
    let response = "";
    socket.setEncoding("utf8").on("data", (part: string) => {
      response += part;
    });
    await ended;
    socket.destroy();
    expect(response).toMatch(/^HTTP\/1\.1 413 .*The body has more than 1000 bytes\./s);
  });

  it("completes open requests before it ends, and takes nothing new", async () => {
    let finish = (): void => {};
    const started = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let entered = (): void => {};
    const inside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const router = new HttpRouter().on("GET", "/slow", async (exchange) => {
      entered();
      await started;
      exchange.json(200, { done: true });
    });
    const server = await listen(router);
    const { url } = server;
    const response = fetch(`${url}/slow`);
    await inside;
    const closed = server[Symbol.asyncDispose]();
    await expect(fetch(`${url}/slow`)).rejects.toThrow();
    finish();
    expect(await (await response).json()).toEqual({ done: true });
    await closed;
  });

  it("survives requests that are none", async () => {
    await using server = await listen(new HttpRouter());
    for (const bytes of [
      "GARBAGE\r\n\r\n",
      "GET http://other.example/ HTTP/1.1\r\nHost: x\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /\\u0000 HTTP/1.1\r\nHost: x\r\n\r\n",
    ]) {
      const response = await new Promise<string>((resolve) => {
        const socket = connect(Number(new URL(server.url).port), "127.0.0.1", () => socket.end(bytes));
        let text = "";
        socket.on("data", (chunk) => {
          text += chunk.toString();
        });
        socket.on("close", () => resolve(text));
      });
      expect(response).toMatch(/^HTTP\/1\.1 4\d\d /);
    }
    expect((await fetch(`${server.url}/none`)).status).toBe(404);
  });
});

describe.skipIf(!hasOpenssl())("TLS (needs the openssl command)", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "latchkey-tls-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("counts connections over TLS by address, and forgets them when they are closed", async () => {
    using authority = new TestAuthority("test");
    const { cert, key } = authority.issue("localhost");
    writeFileSync(join(folder, "cert.pem"), cert);
    writeFileSync(join(folder, "key.pem"), key);
    const tls = new TlsMaterial({
      port: "http",
      certFile: join(folder, "cert.pem"),
      keyFile: join(folder, "key.pem"),
      logger,
    });
    let finish = (): void => {};
    const waiting = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const router = new HttpRouter()
      .on("GET", "/fast", (exchange) => exchange.json(200, {}))
      .on("GET", "/slow", async (exchange) => {
        entered += 1;
        await waiting;
        exchange.json(200, {});
      });
    let entered = 0;
    await using server = await listen(router, tls, 2);
    const ask = (path: string) =>
      new Promise<number>((resolve, reject) => {
        const url = `https://localhost:${new URL(server.url).port}${path}`;
        get(url, { ca: authority.certificate, agent: false, family: 4 }, (res) => {
          res.resume().on("end", () => resolve(res.statusCode ?? 0));
        }).on("error", reject);
      });
    // Were closed connections still counted, the third would find the limit reached.
    for (let i = 0; i < 5; i++) expect(await ask("/fast")).toBe(200);
    const busy = [ask("/slow"), ask("/slow")];
    await expect.poll(() => entered).toBe(2);
    expect(await ask("/fast")).toBe(503);
    finish();
    expect(await Promise.all(busy)).toEqual([200, 200]);
    expect(await ask("/fast")).toBe(200);
  });

  it("speaks HTTPS only, takes a renewed certificate without a restart, and keeps the old one when the new is unfit", async () => {
    using authority = new TestAuthority("test");
    const certFile = join(folder, "cert.pem");
    const keyFile = join(folder, "key.pem");
    const write = ({ cert, key }: { cert: Buffer; key: Buffer }) => {
      writeFileSync(certFile, cert);
      writeFileSync(keyFile, key);
    };
    write(authority.issue("localhost"));
    const tls = new TlsMaterial({ port: "http", certFile, keyFile, logger });
    await using server = await listen(
      new HttpRouter().on("GET", "/", (exchange) => exchange.json(200, {})),
      tls,
    );
    expect(server.url).toMatch(/^https:/);
    const serial = () =>
      new Promise<{ serial: string; hsts: string | undefined }>((resolve, reject) => {
        get(
          `https://localhost:${new URL(server.url).port}/`,
          { ca: authority.certificate, agent: false, family: 4 },
          (res) => {
            const { serialNumber } = (res.socket as TLSSocket).getPeerCertificate();
            res
              .resume()
              .on("end", () =>
                resolve({ serial: serialNumber, hsts: res.headers["strict-transport-security"] }),
              );
          },
        ).on("error", reject);
      });
    const first = await serial();
    expect(first.hsts).toContain("max-age");
    const renewed = authority.issue("localhost");
    writeFileSync(certFile, renewed.cert); // only one of the two files is there yet
    tls.reload();
    expect((await serial()).serial).toBe(first.serial);
    write(renewed);
    tls.reload();
    expect((await serial()).serial).not.toBe(first.serial);
  });
});
