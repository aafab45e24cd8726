import { readFileSync } from "node:fs";
import { createServer as createHttpServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { fetchOnce, POST, send } from "../testing/collect.js";
import { RawOrigin, respondingWith } from "../testing/raw-origin.js";
import type { HostResolver, UpstreamAddress } from "./upstream-client.js";
import { Http1Pool } from "./upstream-pool.js";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Resolves at once to what the test sets. */
class FakeResolver implements HostResolver {
  addresses: readonly UpstreamAddress[] | Error;
  watchers = new Set<(addresses: readonly UpstreamAddress[]) => void>();

  constructor(...addresses: string[]) {
    this.addresses = addresses.map(toAddress);
  }

  resolve(_host: string, callback: Parameters<HostResolver["resolve"]>[1]): void {
    if (this.addresses instanceof Error) callback(this.addresses, []);
    else callback(null, this.addresses);
  }

  watch(_host: string, onChange: (addresses: readonly UpstreamAddress[]) => void): () => void {
    this.watchers.add(onChange);
    return () => this.watchers.delete(onChange);
  }

  change(...addresses: string[]): void {
    this.addresses = addresses.map(toAddress);
    for (const watcher of this.watchers) watcher(this.addresses);
  }
}

function toAddress(address: string): UpstreamAddress {
  return { address, family: address.includes(":") ? 6 : 4 };
}

/** Listens on two loopback addresses at one port; says which one was asked. */
async function twoHosts(): Promise<{ readonly port: number; readonly asked: string[]; respond(): void }> {
  const asked: string[] = [];
  const held: (() => void)[] = [];
  let port = 0;
  for (const host of ["127.0.0.2", "127.0.0.3"]) {
    const server: Server = createHttpServer((req, res) => {
      asked.push(host);
      if (req.url === "/held") held.push(() => res.end(host));
      else res.end(host);
    });
    await new Promise<void>((resolve) => server.listen(port, host, resolve));
    port = (server.address() as AddressInfo).port;
    closers.push(() => new Promise((resolve) => server.close(resolve)));
    closers.push(() => server.closeAllConnections());
  }
  return {
    port,
    asked,
    respond: () => {
      for (const each of held.splice(0)) each();
    },
  };
}

function poolTo(port: number, resolver: HostResolver, connectTimeoutMs = 60_000): Http1Pool {
  const pool = new Http1Pool({ host: "origin.test", port, resolver, connectTimeoutMs });
  closers.push(() => pool.destroy());
  return pool;
}

describe("the addresses of an origin", () => {
  it("are left once the name has others: idle connections at once, busy ones after their response", async () => {
    const hosts = await twoHosts();
    const resolver = new FakeResolver("127.0.0.2");
    const pool = poolTo(hosts.port, resolver);
    const busy = send(pool, { path: "/held" });
    expect((await fetchOnce(pool)).body).toBe("127.0.0.2");
    expect(pool.stats()).toMatchObject({ connections: 2, idle: 1 });
    resolver.change("127.0.0.3");
    expect(pool.stats()).toMatchObject({ connections: 1, idle: 0 });
    expect((await fetchOnce(pool, POST)).body).toBe("127.0.0.3");
    hosts.respond();
    expect((await busy.got.over).body).toBe("127.0.0.2");
    expect(pool.stats()).toMatchObject({ connections: 1, idle: 1 });
    for (let i = 0; i < 3; i++) expect((await fetchOnce(pool)).body).toBe("127.0.0.3");
  });

  it("are watched only while there are connections", async () => {
    const hosts = await twoHosts();
    const resolver = new FakeResolver("127.0.0.2");
    const pool = poolTo(hosts.port, resolver);
    await fetchOnce(pool);
    expect(resolver.watchers.size).toBe(1);
    await pool.close();
    expect(resolver.watchers.size).toBe(0);
  });

  it("include dead ones: a request gets through beside them", async () => {
    const hosts = await twoHosts();
    const pool = poolTo(hosts.port, new FakeResolver("127.0.0.9", "::1", "127.0.0.3"));
    for (let i = 0; i < 3; i++) expect((await fetchOnce(pool, POST)).body).toBe("127.0.0.3");
  });

  it("may be missing: the request fails later, as one that was never sent", async () => {
    const resolver = new FakeResolver();
    resolver.addresses = Object.assign(new Error("no such name"), { code: "ENOTFOUND" });
    const pool = poolTo(9, resolver);
    const { got } = send(pool, POST); // throws if it failed within the call
    expect((await got.over).error).toMatchObject({ code: "dns_failed", phase: "connect", replaySafe: true });
  });

  it("may come later than a connection may take: the name servers' time is not part of it", async () => {
    const hosts = await twoHosts();
    const found = [toAddress("127.0.0.2")];
    const resolver: HostResolver = {
      resolve: (_host, callback) => void setTimeout(() => callback(null, found), 3_000),
      watch: () => () => {},
    };
    expect((await fetchOnce(poolTo(hosts.port, resolver, 2_000), POST)).body).toBe("127.0.0.2");
  });
});

describe("a kept connection", () => {
  it.skipIf(process.platform !== "linux")("is probed by the kernel after 30 s (TCP keep-alive)", async () => {
    const origin = await RawOrigin.start(respondingWith(OK));
    closers.push(() => origin[Symbol.asyncDispose]());
    const pool = new Http1Pool({ host: "127.0.0.1", port: origin.port });
    closers.push(() => pool.destroy());
    await fetchOnce(pool);
    // proc(5): `tr` 02 is the keep-alive timer, `tm->when` its rest in hundredths of a second.
    const hex = origin.port.toString(16).toUpperCase().padStart(4, "0");
    const line = readFileSync("/proc/self/net/tcp", "utf8")
      .split("\n")
      .map((row) => row.trim().split(/\s+/))
      .find((row) => row[2] === `0100007F:${hex}` && row[3] === "01");
    const [timer, when = ""] = (line?.[5] ?? "").split(":");
    expect(timer).toBe("02");
    expect(Number.parseInt(when, 16)).toBeLessThanOrEqual(30_00);
  });
});
