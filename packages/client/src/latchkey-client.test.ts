/** Requests of the client towards a server that responds as told; its operations are those of the schema. */
import { spawnSync } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { api, LatchkeyClient, LatchkeyError, subscriptions } from "./index.js";

let server: Server;
let client: LatchkeyClient;
let status = 200;
let response = "";
let received: { readonly authorization: string | undefined; readonly body: unknown };

beforeEach(async () => {
  server = createServer((req, res) => {
    let text = "";
    req.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    req.on("end", () => {
      received = { authorization: req.headers.authorization, body: JSON.parse(text) };
      res.writeHead(status).end(response);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  client = new LatchkeyClient({ url: `http://127.0.0.1:${port}/graphql`, token: "secret-token" });
  status = 200;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

it("sends the operation with the token, and returns its data", async () => {
  response = JSON.stringify({ data: { api: { id: "api_1", title: "Orders" } } });
  const { api: found } = await client.request(api, { id: "api_1" });
  expect(found?.title).toBe("Orders");
  expect(received).toMatchObject({
    authorization: "Bearer secret-token",
    body: { variables: { id: "api_1" } },
  });
});

it.each([
  [401, '{"errors":[{"message":"A valid token is required."}]}', "A valid token is required."],
  [200, '{"errors":[{"message":"One."},{"message":"Two."}],"data":null}', "One.; Two."],
  [502, "<html>", "responded with 502 and no data"],
])("throws a LatchkeyError for %i %s", async (code, body, message) => {
  [status, response] = [code, body];
  const error: unknown = await client.request(subscriptions).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LatchkeyError);
  expect(error).toMatchObject({ status: code, message: expect.stringContaining(message) });
});

it("has the status null when nobody responds", async () => {
  const nobody = new LatchkeyClient({ url: "http://127.0.0.1:9/graphql", token: "t" });
  await expect(nobody.request(subscriptions)).rejects.toMatchObject({ status: null });
});

it("has the operations that the schema of this release gives", () => {
  const script = join(import.meta.dirname, "../scripts/codegen.mjs");
  expect(spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" }).stderr).toBe("");
});
