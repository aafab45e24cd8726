import { createServer } from "node:http";
import {
  type AddressInfo,
  createServer as createTcpServer,
  type LookupFunction,
  type Server,
} from "node:net";
import { expect, it } from "vitest";
import { type ProbeResult, UpstreamProbe } from "./upstream-probe.js";
import { UpstreamAllowList } from "./upstream-url.js";

const lookup: LookupFunction = (hostname, _options, callback) => {
  if (hostname === "nowhere.example")
    callback(Object.assign(new Error("not found"), { code: "ENOTFOUND" }), []);
  else callback(null, [{ address: hostname === "rebound.example" ? "127.0.0.1" : hostname, family: 4 }]);
};

function probe(
  allow: readonly string[],
  more: { stepMsMax?: number; atOnceMax?: number } = {},
): UpstreamProbe {
  return new UpstreamProbe({ allow: new UpstreamAllowList(allow), lookup, ...more });
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const stepsOf = (result: ProbeResult | null) => result?.steps.map(({ name, problem }) => [name, problem]);
const loopback = ["127.0.0.0/8"];

it("names each step with its time and what came of it, and asks for the health path with GET", async () => {
  const asked: string[] = [];
  const server = createServer((req, res) => {
    asked.push(`${req.method} ${req.url}`);
    res.writeHead(req.url === "/health" ? 204 : 404).end();
  });
  const port = await listening(server);
  try {
    const healthy = await probe(loopback).run(`http://127.0.0.1:${port}/in?x=1`, "/health");
    expect(stepsOf(healthy)).toEqual([
      ["dns", null],
      ["tcp", null],
      ["http", null],
    ]);
    expect(healthy?.status).toBe(204);
    expect(healthy?.steps.every(({ milliseconds }) => milliseconds >= 0)).toBe(true);
    expect((await probe(loopback).run(`http://127.0.0.1:${port}/in?x=1`, null))?.status).toBe(404);
    await probe(loopback).run(`http://127.0.0.1:${port}/orders/{id}`, null);
    expect(asked).toEqual(["GET /health", "HEAD /in?x=1", "HEAD /"]);
  } finally {
    server.close();
  }
});

it("connects to no address that is not allowed, whatever name leads to it", async () => {
  let connections = 0;
  const server = createTcpServer((socket) => {
    connections++;
    socket.destroy();
  });
  const port = await listening(server);
  try {
    for (const host of ["127.0.0.1", "rebound.example", "[::ffff:127.0.0.1]"])
      expect(stepsOf(await probe([]).run(`http://${host}:${port}/`, null)), host).toEqual([
        ["dns", expect.stringMatching(/is not allowed as a target \(loopback\)\.$/)],
      ]);
    expect(connections).toBe(0);
  } finally {
    server.close();
  }
});

it("ends at the step that fails, with a sentence", async () => {
  const silent = createTcpServer(() => undefined);
  const port = await listening(silent);
  const closed = createTcpServer();
  const closedPort = await listening(closed);
  await new Promise((resolve) => closed.close(resolve));
  const tried = probe(loopback, { stepMsMax: 200 });
  try {
    expect(stepsOf(await tried.run("http://nowhere.example/", null))).toEqual([
      ["dns", "There is no such name."],
    ]);
    expect(stepsOf(await tried.run(`http://127.0.0.1:${closedPort}/`, null))?.at(-1)).toEqual([
      "tcp",
      "The connection is refused: nothing listens on that port.",
    ]);
    expect(stepsOf(await tried.run(`http://127.0.0.1:${port}/`, null))?.at(-1)).toEqual([
      "http",
      "No response within 200 ms.",
    ]);
    expect(stepsOf(await tried.run(`https://127.0.0.1:${port}/`, null))?.at(-1)).toEqual([
      "tls",
      "No response within 200 ms.",
    ]);
  } finally {
    silent.close();
  }
});

it("runs few tests at once", async () => {
  const silent = createTcpServer(() => undefined);
  const port = await listening(silent);
  const tried = probe(loopback, { stepMsMax: 200, atOnceMax: 1 });
  try {
    const first = tried.run(`http://127.0.0.1:${port}/`, null);
    expect(await tried.run(`http://127.0.0.1:${port}/`, null)).toBeNull();
    expect((await first)?.status).toBeNull();
    expect(await tried.run("http://nowhere.example/", null)).not.toBeNull();
  } finally {
    silent.close();
  }
});
