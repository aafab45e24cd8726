/** The export of usage: its columns, what spreadsheets must not run, who gets it, and how many at a time. */
import { once } from "node:events";
import { createServer, get, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RequestAuth } from "../auth/request-auth.js";
import { HttpError } from "../errors/http-error.js";
import { type Asked, ask } from "../testing/ask.js";
import { Fixture } from "../testing/fixture.js";
import { reportUsage } from "../testing/usage-reports.js";
import { UsageExport } from "../traffic/usage-export.js";
import { UsageNames } from "../traffic/usage-names.js";
import { Exchange } from "./exchange.js";
import { UsageHandler } from "./usage-handler.js";

/** Two seconds, in which clients that are there read something on a busy machine, too. */
const STALLED_MS_MAX = 2_000;

let fixture: Fixture;
let server: Server;
let origin: string;
/** Replaced by tests that hold an export up. */
let usage: Pick<UsageExport, "document">;

beforeEach(async () => {
  fixture = await Fixture.start();
  usage = new UsageExport({
    rows: fixture.nodes.usage.rows,
    names: new UsageNames({ ...fixture.services, registry: fixture.nodes.registry }),
  });
  const auth = {
    identify: async (caller: { readonly headers: Record<string, unknown> }) =>
      caller.headers.authorization === undefined ? null : {},
  } as unknown as RequestAuth;
  const document: UsageExport["document"] = (...asked) => usage.document(...asked);
  const handler = new UsageHandler({
    usage: { document } as UsageExport,
    auth,
    clock: fixture.clock,
    stalledMsMax: STALLED_MS_MAX,
  });
  server = createServer((req, res) => {
    const url = new URL(`http://localhost${req.url}`);
    const exchange = new Exchange(req, res, { url, requestId: "r", address: "127.0.0.1" });
    handler.handle(exchange, url.pathname === "/usage.csv" ? "csv" : "ndjson").catch((error: unknown) => {
      if (!(error instanceof HttpError)) throw error;
      res.writeHead(error.status, error.headers).end(error.body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await fixture[Symbol.asyncDispose]();
});

const headers = { authorization: "Bearer token" };
const download = (path: string): Promise<Asked> => ask(origin + path, { headers });
const day = () => new Date(fixture.clock.now()).toISOString().slice(0, 10);

describe("the export of usage", () => {
  it("has a row for each combination with names, and nothing that a spreadsheet runs", async () => {
    const subscription = await fixture.subscription("s");
    const integrationId = await fixture.integration(subscription);
    const { api } = await fixture.api(subscription, {
      title: '=HYPERLINK("http://evil.example";"a");=1',
      routes: [{ method: "GET", path: "/a", integrationId }],
    });
    await reportUsage(fixture, [
      { apiId: api.id, routeId: api.routes[0].id, count: 5 },
      { apiId: api.id, status: 404, errorCode: "route.not_found", count: 2 },
      { apiId: "@gone", status: 502, count: 1 },
    ]);
    const csv = await download(`/usage.csv?from=${day()}&groupBy=API,ROUTE,STATUS`);
    expect(csv.status).toBe(200);
    expect(csv.headers).toMatchObject({
      "content-type": "text/csv; charset=utf-8",
      "cache-control": "private, no-store",
      "content-disposition": expect.stringContaining(`filename="usage ${day()}`),
    });
    const at = `${day()}T00:00:00.000Z`;
    const title = `"'=HYPERLINK(""http://evil.example"";""a"");'=1"`;
    expect(csv.text.split("\r\n")).toEqual([
      "at,apiId,api,routeId,route,status,requests,requestBytes,responseBytes",
      `${at},'@gone,,,,502,1,10,100`,
      `${at},${api.id},${title},,,404,2,10,100`,
      `${at},${api.id},${title},${api.routes[0].id},GET /a,200,5,10,100`,
      "",
    ]);
    const ndjson = await download(`/usage.ndjson?from=${day()}&groupBy=ERROR_CODE&resolution=HOUR`);
    expect(ndjson.headers["content-type"]).toBe("application/x-ndjson; charset=utf-8");
    expect(
      ndjson.text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as object),
    ).toMatchObject([
      { errorCode: "", requests: 6, requestBytes: 20, responseBytes: 200 },
      { errorCode: "route.not_found", requests: 2 },
    ]);
  });

  it("has a head and no rows for a time without requests", async () => {
    const csv = await download(`/usage.csv?from=2020-01-01&to=2020-02-01&groupBy=KEY`);
    expect(csv.text).toBe("at,keyId,key,requests,requestBytes,responseBytes\r\n");
    expect((await download("/usage.ndjson?from=2020-01-01&to=2020-02-01")).text).toBe("");
    const head = await ask(`${origin}/usage.csv?from=2020-01-01`, { headers, method: "HEAD" });
    expect([head.status, head.text]).toEqual([200, ""]);
  });

  it("is for operators, and says what is wrong with a time or a list", async () => {
    expect((await ask(`${origin}/usage.csv?from=2020-01-01`)).status).toBe(401);
    for (const query of [
      "",
      "?from=yesterday",
      "?from=2020-01-01&to=2019-01-01",
      "?from=2020-01-01&resolution=YEAR",
      "?from=2020-01-01&resolution=constructor",
      "?from=2020-01-01&groupBy=API,NOTHING",
    ]) {
      const { status, text } = await download(`/usage.csv${query}`);
      expect([query, status]).toEqual([query, 400]);
      expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: "BAD_REQUEST" } }] });
    }
  });

  it("ends for a client that reads nothing, and gives its place to another one", async () => {
    usage = {
      async *document() {
        for (;;) yield "x".repeat(65_536);
      },
    };
    const open = async () => {
      const request = get(`${origin}/usage.csv?from=2020-01-01`, { headers, agent: false });
      request.on("error", () => {});
      const [response] = (await once(request, "response")) as [IncomingMessage];
      response.on("error", () => {});
      return { request, response };
    };
    const stalled = await Promise.all([open(), open()]);
    expect((await download("/usage.csv?from=2020-01-01")).status).toBe(429);
    usage = {
      async *document() {
        yield "again";
      },
    };
    await expect
      .poll(async () => (await download("/usage.csv?from=2020-01-01")).text, { timeout: 60_000 })
      .toBe("again");
    for (const { request } of stalled) request.destroy();
  });

  it("reads no faster than the client, runs twice at a time, and ends when the client leaves", async () => {
    let pieces = 0;
    let ended = 0;
    const onEnd: (() => void)[] = [];
    const over = new Promise<void>((resolve) => onEnd.push(resolve));
    usage = {
      async *document() {
        try {
          for (; pieces < 10_000; pieces++) yield "x".repeat(65_536);
        } finally {
          if (++ended === 2) for (const resolve of onEnd) resolve();
        }
      },
    };
    const path = `${origin}/usage.csv?from=2020-01-01`;
    const clients = await Promise.all(
      [0, 1].map(async () => {
        const request = get(path, { headers, agent: false });
        request.on("error", () => {});
        const [response] = (await once(request, "response")) as [IncomingMessage];
        response.on("error", () => {});
        return { request, response };
      }),
    );
    // Nobody reads: a few megabytes are in the buffers of both sockets, and no more is asked for.
    const third = await download("/usage.csv?from=2020-01-01");
    expect([third.status, third.headers["retry-after"]]).toEqual([429, "10"]);
    expect(pieces).toBeLessThan(2_000);
    for (const { request } of clients) request.destroy();
    await over;
    usage = {
      async *document() {
        yield "again";
      },
    };
    // The places are free once the handler has seen that the clients are gone.
    await expect.poll(async () => (await download("/usage.csv?from=2020-01-01")).text).toBe("again");
  });
});
