/** What pages of other origins can do, and who may see GraphiQL and the schema. */
import { Client, credentials, status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import {
  bearer,
  controlPlane,
  graphql,
  live,
  OPERATOR,
  origin,
  setUpAccess,
  signIn,
  start,
  TOKEN,
} from "./testing/access.js";
import { ask } from "./testing/ask.js";

setUpAccess();

describe("pages of other origins", () => {
  const EVIL = { origin: "http://evil.example" };
  const TOOL = { origin: "https://tool.example" };

  it("may not open a WebSocket, by whatever token; the refusal says what to set", async () => {
    await start();
    const refused = await live({ headers: EVIL, init: bearer() }).over;
    expect(refused.status).toBe(403);
    expect(refused.reason).toContain("http.publicOrigins");
    const { headers } = await signIn();
    const { cookie } = headers;
    // With the cookie of an operator. The page would have to know the CSRF token as well.
    expect((await live({ headers: { ...EVIL, cookie }, init: bearer() }).over).code).toBe(4403);
    expect((await live({ headers: { ...EVIL, cookie }, init: {} }).over).code).toBe(4403);
  });

  it("may call GraphQL with a token when they are listed, and others may not read anything", async () => {
    await start({}, { corsOrigins: [TOOL.origin] });
    const preflight = await ask(`${origin}/graphql`, {
      method: "OPTIONS",
      headers: { ...TOOL, "access-control-request-method": "POST" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      "access-control-allow-origin": TOOL.origin,
      "access-control-allow-headers": expect.stringContaining("authorization"),
    });
    expect(preflight.headers["access-control-allow-credentials"]).toBeUndefined();
    const read = await ask(`${origin}/graphql`, {
      headers: { ...TOOL, ...bearer() },
      body: { query: "{ viewer { actor } }" },
    });
    expect(read.headers).toMatchObject({
      "access-control-allow-origin": TOOL.origin,
      vary: "origin, accept-encoding",
    });
    const { next } = live({ headers: TOOL, init: bearer() });
    await next("connection_ack");

    expect((await ask(`${origin}/graphql`, { method: "OPTIONS", headers: EVIL })).status).toBe(403);
    const foreign = await ask(`${origin}/graphql`, {
      headers: { ...EVIL, ...bearer() },
      body: { query: "{ viewer { actor } }" },
    });
    expect(foreign.headers["access-control-allow-origin"]).toBeUndefined();
    expect((await signIn(OPERATOR, TOKEN, TOOL)).status).toBe(403);
  });

  it("are none behind a proxy that rewrites Host: sign-in and live updates work", async () => {
    await start();
    const page = { origin: "https://console.example", host: "127.0.0.1:4000" };
    const signedIn = await signIn(OPERATOR, TOKEN, { ...page, "sec-fetch-site": "same-origin" });
    expect(signedIn.status).toBe(200);
    // Not every browser says for a WebSocket that it is the page's own site: the CSRF token does.
    const { headers } = signedIn;
    const { next } = live({ headers: { ...page, cookie: headers.cookie }, init: headers });
    await next("connection_ack");
  });
});

describe("introspection and GraphiQL", () => {
  const schemaIsShown = async () =>
    (await graphql("{ __schema { queryType { name } } }")).errors === undefined;
  const editorIsShown = async () =>
    (await ask(`${origin}/graphql`, { headers: { accept: "text/html" } })).text.includes("<html");

  it("are on while only this machine can reach the server", async () => {
    await start();
    expect(await schemaIsShown()).toBe(true);
  });

  it("are off when others can, unless they are asked for", async () => {
    await start({}, { host: "0.0.0.0" });
    expect([await schemaIsShown(), await editorIsShown()]).toEqual([false, false]);
    await controlPlane.close();
    await start({ graphql: { introspection: "on", graphiql: "on" } }, { host: "0.0.0.0" });
    expect(await schemaIsShown()).toBe(true);
  });

  /** OK, or UNIMPLEMENTED. */
  const reflection = (): Promise<status> => {
    const port = controlPlane.grpcAddress.split(":").at(-1);
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    const same = (bytes: Buffer) => bytes;
    const path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    const call = client.makeBidiStreamRequest(path, same, same);
    call.on("error", () => {});
    call.resume();
    call.end(Buffer.from([0x3a, 0]));
    return new Promise((resolve) => {
      call.once("status", ({ code }: { readonly code: status }) => {
        client.close();
        resolve(code);
      });
    });
  };

  it("likewise server reflection on the gRPC port", async () => {
    await start({ grpc: { port: 0 } });
    expect(await reflection()).toBe(status.OK);
    await controlPlane.close();
    await start({ grpc: { port: 0, host: "0.0.0.0" } });
    expect(await reflection()).toBe(status.UNIMPLEMENTED);
    await controlPlane.close();
    await start({ grpc: { port: 0, host: "0.0.0.0", reflection: "on" } });
    expect(await reflection()).toBe(status.OK);
  });
});
