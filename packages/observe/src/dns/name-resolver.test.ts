import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "@latchkey/core";
import { NameServer } from "@latchkey/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NameError } from "./name-error.js";
import { NameResolver, type NameResolverOptions } from "./name-resolver.js";
import type { ResolverLimits } from "./resolver-limits.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "latchkey-dns-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

interface Setting extends NameResolverOptions {
  readonly hosts?: string;
  readonly resolvConf?: string;
}

function resolverFor(server: NameServer, { hosts = "", resolvConf = "", ...options }: Setting = {}) {
  const hostsPath = join(dir, "hosts");
  const resolvConfPath = join(dir, "resolv.conf");
  writeFileSync(hostsPath, hosts);
  writeFileSync(resolvConfPath, resolvConf);
  return new NameResolver({ servers: [server.address], hostsPath, resolvConfPath, ...options });
}

/** Addresses, or the error's code. */
function resolve(resolver: NameResolver, name: string): Promise<readonly string[] | string> {
  return new Promise((done) => {
    resolver.resolve(name, (error, addresses) => {
      done(error === null ? addresses.map(({ address }) => address) : error.code);
    });
  });
}

const impatient: Partial<ResolverLimits> = { queryTimeoutMs: 200, attemptTimeoutMs: 250, staleWaitMs: 20 };

describe("NameResolver", () => {
  it("resolves addresses, localhost and names of the hosts file without a name server", async () => {
    await using server = await NameServer.start({}, {});
    const hosts =
      "127.0.0.5 localhost\n# comment\n10.0.0.7 db DB.internal # the database\nfd00::7\tdb\nbroken line\n";
    const resolver = resolverFor(server, { hosts });
    expect(await resolve(resolver, "192.0.2.1")).toEqual(["192.0.2.1"]);
    expect(await resolve(resolver, "2001:db8::1")).toEqual(["2001:db8::1"]);
    expect(await resolve(resolver, "localhost")).toEqual(["127.0.0.5", "::1"]);
    expect(await resolve(resolver, "x.LocalHost.")).toEqual(["127.0.0.1", "::1"]);
    expect(await resolve(resolver, "db")).toEqual(["10.0.0.7", "fd00::7"]);
    expect(await resolve(resolver, "DB.INTERNAL.")).toEqual(["10.0.0.7"]);
    expect(server.questions).toEqual([]);
  });

  it("gives both families and keeps them for their TTL", async () => {
    await using server = await NameServer.start(
      { "a.test": ["192.0.2.1", "2001:db8::1"] },
      { ttlSeconds: 60 },
    );
    const clock = new FakeClock();
    const resolver = resolverFor(server, { clock });
    expect(await resolve(resolver, "a.test")).toEqual(["2001:db8::1", "192.0.2.1"]);
    server.records.set("a.test", ["192.0.2.2"]);
    clock.advance(59_000);
    expect(await resolve(resolver, "A.TEST")).toEqual(["2001:db8::1", "192.0.2.1"]);
    expect(server.count("a.test")).toBe(2);
    clock.advance(1_001);
    expect(await resolve(resolver, "a.test")).toEqual(["192.0.2.2"]);
    expect(await resolve(resolver, "none.test")).toBe("ENOTFOUND");
    expect(await resolve(resolver, "none.test")).toBe("ENOTFOUND");
    expect(resolver.counts).toEqual({ resolved: 2, failed: 1, cached: 2 });
  });

  it("asks once for all who wait for the same name", async () => {
    await using server = await NameServer.start({ "a.test": ["192.0.2.1"] });
    const resolver = resolverFor(server);
    const all = await Promise.all(Array.from({ length: 50 }, () => resolve(resolver, "a.test")));
    expect(all).toEqual(Array.from({ length: 50 }, () => ["192.0.2.1"]));
    expect(server.count("a.test")).toBe(2); // A and AAAA
  });

  it("lets a limited number of callers wait for a name, and refuses more at once", async () => {
    await using server = await NameServer.start({ "silent.test": "silent" });
    const resolver = resolverFor(server, { limits: { ...impatient, waitersMax: 3 } });
    let over = 0;
    const waiting = Array.from({ length: 3 }, () => resolve(resolver, "silent.test").finally(() => over++));
    expect(await resolve(resolver, "silent.test")).toBe("EAI_AGAIN");
    expect(over, "those that wait go on waiting").toBe(0);
    await Promise.all(waiting);
  });

  it("follows the search rules of resolv.conf", async () => {
    await using server = await NameServer.start({
      "web.one.test": ["192.0.2.1"],
      "web.two.test": ["192.0.2.2"],
      "api.example": ["192.0.2.3"],
      "api.example.one.test": ["192.0.2.4"],
    });
    const few = resolverFor(server, { resolvConf: "search one.test two.test\n" });
    expect(await resolve(few, "web")).toEqual(["192.0.2.1"]);
    expect(await resolve(few, "api.example")).toEqual(["192.0.2.3"]);
    const many = resolverFor(server, {
      resolvConf: "search zero.test two.test\noptions ndots:5 timeout:1\n",
    });
    expect(await resolve(many, "web")).toEqual(["192.0.2.2"]);
    expect(await resolve(many, "api.example.")).toEqual(["192.0.2.3"]);
    const searched = resolverFor(server, { resolvConf: "search one.test\noptions ndots:5\n" });
    expect(await resolve(searched, "api.example")).toEqual(["192.0.2.4"]);
    expect(await resolve(searched, "none.example")).toBe("ENOTFOUND");
  });

  it("does not search on after a failure: a name of another domain would stand in", async () => {
    await using server = await NameServer.start({ "web.one.test": "failing", "web.two.test": ["192.0.2.2"] });
    const resolver = resolverFor(server, { resolvConf: "search one.test two.test\n", limits: impatient });
    expect(await resolve(resolver, "web")).toBe("EAI_AGAIN");
  });

  it("remembers failures for a while", async () => {
    await using server = await NameServer.start({ "silent.test": "silent" });
    const clock = new FakeClock();
    const resolver = resolverFor(server, { clock, limits: impatient });
    expect(await resolve(resolver, "none.test")).toBe("ENOTFOUND");
    expect(await resolve(resolver, "silent.test")).toBe("EAI_AGAIN");
    const asked = server.questions.length;
    clock.advance(4_999);
    expect(await resolve(resolver, "none.test")).toBe("ENOTFOUND");
    expect(await resolve(resolver, "silent.test")).toBe("EAI_AGAIN");
    expect(server.questions.slice(asked).filter((question) => question.startsWith("none.test"))).toEqual([]);
    server.records.set("none.test", ["192.0.2.1"]);
    clock.advance(2);
    expect(await resolve(resolver, "none.test")).toEqual(["192.0.2.1"]);
  });

  it("uses old addresses while the name server is silent, for a limited time", async () => {
    await using server = await NameServer.start({ "a.test": ["192.0.2.1"] });
    const clock = new FakeClock();
    const limits = { ...impatient, staleWaitMs: 60_000, staleMs: 60_000 };
    const resolver = resolverFor(server, { clock, limits });
    expect(await resolve(resolver, "a.test")).toEqual(["192.0.2.1"]);
    server.records.set("a.test", "silent");
    clock.advance(2_000);
    expect(await resolve(resolver, "a.test")).toEqual(["192.0.2.1"]);
    clock.advance(60_000);
    expect(await resolve(resolver, "a.test")).toBe("EAI_AGAIN");
  });

  it("does not make callers wait for a silent name server as long as it has old addresses", async () => {
    await using server = await NameServer.start({ "a.test": ["192.0.2.1"] });
    const clock = new FakeClock();
    const limits = { queryTimeoutMs: 60_000, staleWaitMs: 20 }; // a hang would outlast the test
    const resolver = resolverFor(server, { clock, limits });
    await resolve(resolver, "a.test");
    server.records.set("a.test", "silent");
    clock.advance(2_000);
    expect(await resolve(resolver, "a.test")).toEqual(["192.0.2.1"]);
  });

  it("does not use old addresses once the name server says that there are none", async () => {
    await using server = await NameServer.start({ "a.test": ["192.0.2.1"] });
    const clock = new FakeClock();
    const resolver = resolverFor(server, { clock });
    await resolve(resolver, "a.test");
    server.records.delete("a.test");
    clock.advance(2_000);
    expect(await resolve(resolver, "a.test")).toBe("ENOTFOUND");
  });

  it("does not wait for a family whose questions get no response", async () => {
    await using server = await NameServer.start({ "a.test": ["192.0.2.1"] });
    server.silentForIpv6.add("a.test");
    const resolver = resolverFor(server, { limits: { queryTimeoutMs: 60_000 } }); // a hang would outlast the test
    expect(await resolve(resolver, "a.test")).toEqual(["192.0.2.1"]);
    expect(await resolve(resolver, "a.test")).toEqual(["192.0.2.1"]);
  });

  it("resolves a name whose response always takes longer than the rounds of c-ares, behind quick names", async () => {
    await using server = await NameServer.start({ "a.test": ["192.0.2.1"], "slow.test": ["192.0.2.2"] });
    server.delaysMs.set("slow.test", 1_500);
    const limits = { queryTimeoutMs: 60_000, attemptTimeoutMs: 250, slowMs: 100, ttlMinMs: 0 };
    const resolver = resolverFor(server, { limits });
    server.ttlSeconds = 0;
    for (let i = 0; i < 10; i++) await resolve(resolver, "a.test");
    expect(await resolve(resolver, "slow.test")).toEqual(["192.0.2.2"]);
  });

  it("waits for each response as long as it says", async () => {
    await using server = await NameServer.start({ "slow.test": ["192.0.2.2"] });
    server.delaysMs.set("slow.test", 1_700);
    const limits = { queryTimeoutMs: 2_000, attemptTimeoutMs: 250, slowMs: 500 };
    expect(await resolve(resolverFor(server, { limits }), "slow.test")).toEqual(["192.0.2.2"]);
  });

  it("resolves a name at a name server that responds to one question after the other, each after 1.7 s", async () => {
    await using server = await NameServer.start({ "a.test": ["192.0.2.1"] });
    server.delaysMs.set("a.test", 1_700);
    server.isSerial = true;
    expect(await resolve(resolverFor(server, {}), "a.test")).toEqual(["192.0.2.1"]);
  });

  it("asks the second name server before the first one has had its time", async () => {
    await using dead = await NameServer.start({ "a.test": "silent" });
    await using server = await NameServer.start({ "a.test": ["192.0.2.1"] });
    const limits = { queryTimeoutMs: 60_000, attemptTimeoutMs: 60_000, slowMs: 100 };
    const resolver = new NameResolver({ servers: [dead.address, server.address], limits });
    expect(await resolve(resolver, "a.test")).toEqual(["192.0.2.1"]);
  });

  it("keeps what one family replied when the question about the other one times out", async () => {
    await using server = await NameServer.start({ "a.test": ["192.0.2.1"] }, { ttlSeconds: 60 });
    server.silentForIpv6.add("a.test");
    const clock = new FakeClock();
    const limits = { queryTimeoutMs: 1_000, attemptTimeoutMs: 5_000 };
    const resolver = resolverFor(server, { clock, limits });
    let onChange = (): void => {};
    const nextChange = () => new Promise<void>((resume) => (onChange = resume));
    const stop = resolver.watch("a.test", () => onChange());
    const known = nextChange();
    expect(await resolve(resolver, "a.test")).toEqual(["192.0.2.1"]);
    await known; // the question is over
    expect(await resolve(resolver, "a.test")).toEqual(["192.0.2.1"]);
    expect(server.count("a.test")).toBe(2);
    server.records.set("a.test", ["192.0.2.2"]);
    clock.advance(61_000);
    const changed = nextChange();
    void resolve(resolver, "a.test");
    await changed;
    expect(await resolve(resolver, "a.test")).toEqual(["192.0.2.2"]);
    stop();
  });

  it("resolves other names and reads files while hundreds of names get no response", async () => {
    await using server = await NameServer.start({ "a.test": ["192.0.2.1"], "b.test": ["192.0.2.2"] });
    const silent = Array.from({ length: 200 }, (_, i) => `n${i}.silent.test`);
    for (const name of silent) server.records.set(name, "silent");
    const limits = { queriesMax: 64, slowMs: 50, attemptTimeoutMs: 5_000, failureMs: 0 };
    const resolver = resolverFor(server, { limits });
    for (const name of silent) void resolve(resolver, name);
    expect(await resolve(resolver, "a.test")).toEqual(["192.0.2.1"]);
    expect(await Promise.all(silent.map((name) => resolve(resolver, name)))).toEqual(
      silent.map(() => "EAI_AGAIN"),
    );
    for (const name of silent) void resolve(resolver, name); // known as slow now
    expect(await resolve(resolver, "b.test")).toEqual(["192.0.2.2"]);
    expect(await readFile(join(dir, "hosts"), "utf8")).toBe("");
  });

  it("fails at once when too many names wait", async () => {
    await using server = await NameServer.start({
      "a.test": "silent",
      "b.test": "silent",
      "c.test": "silent",
    });
    const resolver = resolverFor(server, { limits: { queriesMax: 1, queueMax: 1, queryTimeoutMs: 60_000 } });
    void resolve(resolver, "a.test");
    void resolve(resolver, "b.test");
    expect(await resolve(resolver, "c.test")).toBe("EAI_AGAIN");
  });

  it("keeps a bounded number of names", async () => {
    await using server = await NameServer.start({}, { ttlSeconds: 300 });
    const resolver = resolverFor(server, { limits: { namesMax: 4 } });
    for (let i = 0; i < 10; i++) await resolve(resolver, `n${i}.test`);
    expect(resolver.stats().names).toBe(4);
  });

  it("reports each new set of addresses of a watched name, and stops", async () => {
    await using server = await NameServer.start({ "a.test": ["192.0.2.1", "192.0.2.2"] });
    const resolver = resolverFor(server, { limits: { ttlMinMs: 10, ttlMaxMs: 10 } });
    await resolve(resolver, "a.test");
    const seen: string[][] = [];
    let stop = (): void => {};
    const changed = new Promise<void>((done) => {
      stop = resolver.watch("a.test", (addresses) => {
        seen.push(addresses.map(({ address }) => address));
        done();
      });
    });
    const asked = server.count("a.test");
    server.records.set("a.test", ["192.0.2.2", "192.0.2.1"]); // only rotated
    await server.until(() => server.count("a.test") >= asked + 4);
    server.records.set("a.test", ["192.0.2.3"]);
    await changed;
    stop();
    expect(seen).toEqual([["192.0.2.3"]]);
  });

  it("notices a changed hosts file", async () => {
    await using server = await NameServer.start();
    const clock = new FakeClock();
    const resolver = resolverFor(server, { clock, hosts: "10.0.0.1 db\n" });
    expect(await resolve(resolver, "db")).toEqual(["10.0.0.1"]);
    writeFileSync(join(dir, "hosts"), "10.0.0.2 db\n");
    clock.advance(5_001);
    await expect.poll(() => resolve(resolver, "db")).toEqual(["10.0.0.2"]);
  });

  it("is a lookup function as node:net wants it", async () => {
    await using server = await NameServer.start({ "a.test": ["192.0.2.1", "2001:db8::1"] });
    const resolver = resolverFor(server);
    const lookup = (options: object) =>
      new Promise((done) => resolver.lookup("a.test", options, (...result: unknown[]) => done(result)));
    expect(await lookup({ family: 4 })).toEqual([null, "192.0.2.1", 4]);
    expect(await lookup({ all: true, family: 6 })).toEqual([null, [{ address: "2001:db8::1", family: 6 }]]);
    const failed = await new Promise((done) => resolver.lookup("none.test", {}, (error) => done(error)));
    expect(failed).toBeInstanceOf(NameError);
  });
});
