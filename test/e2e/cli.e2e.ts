/**
 * The `latchkey` command against a running stack: documents out and in, client and mock. Over 400 lines because all share one
 * stack, which takes seconds to start.
 */
import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { eventually, startProcess } from "@latchkey/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Recorder } from "../support/recorder.js";
import {
  documentServed,
  enforced,
  type MadeApi,
  makeApi,
  makeIntegration,
  makeSubscription,
  mutate,
} from "../support/seed.js";
import { latchkeyCommand, Stack } from "../support/stack.js";

// Below the checkout, so that the generated client finds openapi-fetch.
const output = join(import.meta.dirname, "../../test-output/cli");

describe("the latchkey command", () => {
  let stack: Stack;
  let recorder: Recorder;
  let subscriptionId: string;
  let integrationId: string;
  let api: MadeApi;

  beforeAll(async () => {
    mkdirSync(output, { recursive: true });
    recorder = await Recorder.start();
    stack = await Stack.start();
    subscriptionId = await makeSubscription(stack);
    integrationId = await makeIntegration(stack, subscriptionId, "orders", `${recorder.url}/orders`, {
      requestSchema: '{"type":"object","properties":{"quantity":{"type":"integer"}},"required":["quantity"]}',
      responseSchema: '{"type":"object","properties":{"upstream":{"type":"string"}}}',
      examples: [
        {
          name: "response",
          direction: "RESPONSE",
          contentType: "application/json",
          value: '{"upstream":"example"}',
        },
      ],
    });
    api = await makeApi(stack, subscriptionId, "Orders", [
      { method: "PUT", path: "/orders/{orderId}", integrationId },
      { method: "GET", path: "/files/{path*}", integrationId },
    ]);
    await enforced(stack, api.revision);
  });

  afterAll(async () => {
    await stack?.[Symbol.asyncDispose]();
    await recorder?.[Symbol.asyncDispose]();
  });

  function latchkey(...args: string[]): { status: number | null; stdout: string; stderr: string } {
    const env = { ...process.env, LATCHKEY_URL: stack.graphqlUrl, LATCHKEY_TOKEN: stack.adminToken };
    return spawnSync(process.execPath, [latchkeyCommand, ...args], { encoding: "utf8", env });
  }

  it("writes the document in both versions and formats, without key, upstream or internal id", () => {
    for (const spec of ["3.0", "3.1"]) {
      for (const format of ["json", "yaml"]) {
        const { status, stdout, stderr } = latchkey("openapi", api.id, "--spec", spec, "--format", format);
        expect(status, stderr).toBe(0);
        expect(stdout).toContain(spec === "3.0" ? "3.0.3" : "3.1.1");
        expect(stdout).toContain("/orders/{orderId}");
        for (const inside of [api.secret, recorder.url, integrationId, api.id, subscriptionId])
          expect(stdout).not.toContain(inside);
      }
    }
  });

  it("tests the connection to an integration, and ends with 1 where a step fails", async () => {
    const closed = await makeIntegration(stack, subscriptionId, "closed", "http://127.0.0.1:1/in");
    const env = { ...process.env, LATCHKEY_URL: stack.graphqlUrl, LATCHKEY_TOKEN: stack.adminToken };
    // The target is in this process, which has to respond meanwhile.
    const { stdout } = await promisify(execFile)(process.execPath, [latchkeyCommand, "test", "orders"], {
      env,
    });
    expect(stdout).toMatch(/✓ TCP: 127\.0\.0\.1:\d+ \([\d.]+ ms\)\n✓ HTTP: HEAD \/orders: 200 OK/);
    const failed = latchkey("test", closed);
    expect([failed.status, failed.stderr]).toEqual([1, "The connection failed at TCP.\n"]);
    expect(failed.stdout).toContain("✗ TCP: ");
  });

  it("doctor reads the header rules and client certificates of all integrations, APIs and credentials", () => {
    const findings = JSON.parse(latchkey("doctor", "--json").stdout) as { subject: string; level: string }[];
    expect(findings.filter(({ subject }) => subject === "header rules" || subject === "resources")).toEqual([
      expect.objectContaining({ subject: "header rules", level: "ok" }),
    ]);
  });

  it("names the option whose value is missing or wrong, where GraphQL refuses the input", () => {
    const secret = join(output, "secret.txt");
    writeFileSync(secret, "s3cret");
    const token = ["--token-url", "https://login.example.com/token", "--secret-file", secret];
    for (const [options, message] of [
      [token, "--client-id: A value is needed here."],
      [["--region", "eu-north-1", "--secret-file", secret], "--service: A value is needed here."],
      [["--header", "X-Key"], "--secret-file or --secret-reference: A value is needed here."],
      [
        [...token, "--client-id", "a", "--client-authentication", "none"],
        "Allowed choices are client_secret",
      ],
    ] as const) {
      const { status, stderr } = latchkey(
        "create",
        "credential",
        "Orders",
        "--subscription",
        subscriptionId,
        ...options,
      );
      expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
    }
    const { status, stderr } = latchkey("update", "integration", integrationId, "--method", "brew");
    expect([status, stderr]).toEqual([2, expect.stringContaining('--method: Value "BREW" does not exist')]);
  });

  it("tells where a request went and why one was refused, by interchange id, and lists those that match", async () => {
    const ask = async (path: string, interchangeId: string) => {
      const headers = { "Connxio-Api-Key": api.secret, InterchangeId: interchangeId };
      const response = await fetch(`${stack.ingress.url}${path}`, { headers });
      await response.arrayBuffer();
      return response.status;
    };
    expect(await ask("/files/a/b?hidden=1", "cli-1")).toBe(200);
    expect(await ask("/nothing", "cli-2")).toBe(404);
    const shown = await eventually(async () => {
      const result = latchkey("get", "message", "cli-1");
      return result.status === 0 ? result.stdout : undefined;
    }, "the request is reported and kept");
    expect(shown).toMatch(/REQUEST +GET \/files\/a\/b\n/);
    expect(shown).toMatch(/ROUTE +GET \/files\/\{path\*\}/);
    expect(shown).toMatch(new RegExp(`SENT +${recorder.url}/orders 200 `));
    expect(shown).not.toContain("hidden");
    const refused = latchkey("get", "message", "cli-2", "--json");
    expect(JSON.parse(refused.stdout)).toMatchObject({
      status: 404,
      errorCode: "route.not_found",
      api: { title: "Orders" },
      attempts: [],
      error: { owner: "CLIENT", title: "No route of this API matches the path." },
    });
    for (const [options, found] of [
      [["--outcome", "failed", "--path", "/noth", "--since", "10m"], "cli-2"],
      [["--error-code", "route.not_found", "--status", "404"], "cli-2"],
      [["--route", "GET /files/{path*}", "--until", "2999-01-01"], "cli-1"],
      [["--interchange-id", "cli-1", "--integration", "orders", "--outcome", "succeeded"], "cli-1"],
      [["--interchange-id", "cli-1", "--until", "10m"], undefined],
    ] as const) {
      const { stdout, stderr } = latchkey("list", "messages", "--api", "Orders", ...options, "--json");
      expect(stderr).toBe("");
      const messages = JSON.parse(stdout) as readonly { readonly interchangeId: string }[];
      expect(messages.map(({ interchangeId }) => interchangeId)).toEqual(found === undefined ? [] : [found]);
    }
    expect(latchkey("get", "message", "never").stderr).toContain('"never" is kept');
  });

  it("starts, shows and stops a recording; a message shows what was recorded, also as a command line", async () => {
    const ask = async (interchangeId: string) => {
      const headers = {
        "Connxio-Api-Key": api.secret,
        InterchangeId: interchangeId,
        "X-Note": "it's shown",
      };
      const response = await fetch(`${stack.ingress.url}/files/a/b?page=2&token=hidden`, { headers });
      await response.arrayBuffer();
    };
    await ask("cli-before");
    const refused = latchkey("recording", "start", "Orders", "--for", "25h");
    expect([refused.status, refused.stderr]).toEqual([
      1,
      expect.stringContaining("--for: A recording lasts 1 to 86400 seconds"),
    ]);
    const started = latchkey("recording", "start", "Orders", "--for", "10m", "--mask", "$.email");
    expect([started.status, started.stderr]).toEqual([0, ""]);
    const shown = latchkey("recording", "show", "Orders").stdout;
    expect(shown).toMatch(/RECORDING +on\n/);
    expect(shown).toMatch(/STARTED BY +admin\nMASKED +\$\.email/);
    await ask("cli-recorded");
    const message = await eventually(async () => {
      const result = latchkey("get", "message", "cli-recorded");
      return result.status === 0 ? result.stdout : undefined;
    }, "the request is reported and kept");
    expect(message).toMatch(/RECORDED +yes\n/);
    expect(message).toContain("REQUEST OF THE CLIENT\nGET /files/a/b?page=•••&token=•••\n");
    expect(message).toContain("x-note: it's shown\n");
    expect(message).toContain("REQUEST TO THE INTEGRATION\nPOST /orders?page=•••&token=•••\n");
    expect(message).toContain("RESPONSE OF THE INTEGRATION\ncontent-type: application/json\n");
    expect(message).toContain('{"upstream":"/orders"}');
    const { stdout: line } = latchkey("get", "message", "cli-recorded", "--curl");
    expect(line).toContain(`-H "Connxio-Api-Key: $LATCHKEY_KEY"`);
    expect(line).toContain(`-H 'x-note: it'\\''s shown'`);
    for (const text of [message, line])
      for (const secret of ["hidden", api.secret]) expect(text).not.toContain(secret);
    const stopped = latchkey("recording", "stop", "Orders").stdout;
    expect(stopped).toMatch(/RECORDING +off\n/);
    expect(latchkey("get", "message", "cli-before").stdout).toMatch(
      /RECORDED +no: its API did not record then\n/,
    );
  });

  it("writes Azure's policy and a Postman collection with the key as a variable", () => {
    const policyFile = join(output, "policy.xml");
    const azure = latchkey("openapi", api.id, "--target", "azure-apim", "--policy-out", policyFile);
    expect(azure.status, azure.stderr).toBe(0);
    expect(readFileSync(policyFile, "utf8")).toContain(
      '<set-header name="Connxio-Api-Key" exists-action="override">',
    );
    const postman = latchkey("openapi", api.id, "--target", "postman");
    expect(postman.status, postman.stderr).toBe(0);
    expect(postman.stdout).toMatch(/\{\{[A-Za-z]+\}\}/);
  });

  it("exports what it can import again: the document stays, and the second import changes nothing", () => {
    const file = join(output, "orders.json");
    expect(latchkey("openapi", api.id, "--out", file).status).toBe(0);
    // What the document shows of an integration's bodies is the route's own from then on.
    expect(latchkey("import", file, "--api", api.id, "--replace").status).toBe(0);
    expect(latchkey("openapi", api.id).stdout.trim()).toBe(readFileSync(file, "utf8").trim());
    const { status, stdout } = latchkey("import", file, "--api", api.id, "--replace", "--dry-run");
    expect(stdout).toContain("Nothing was changed (dry run).");
    expect(status).toBe(0);
    expect(stdout).not.toMatch(/^(added|deleted|removed|created|changed) /m);
  });

  it("writes what the control plane writes, for people and for WebSockets too", async () => {
    const live = await makeIntegration(stack, subscriptionId, "live", `${recorder.url}/live`, {
      webSockets: true,
    });
    const { id } = await makeApi(stack, subscriptionId, "Described", [
      { method: "GET", path: "/live", integrationId: live },
    ]);
    const info = {
      termsOfService: "https://terms.example",
      contact: { name: "Support", email: "help@shop.example" },
      license: { name: "MIT" },
    };
    await mutate(stack, "updateApi", { id, info }, "api { id }");
    const { api: known } = await stack.graphql<{ api: { openapi: string } }>(
      "query($id: ID!) { api(id: $id) { openapi } }",
      { id },
    );
    const { stdout, stderr } = latchkey("openapi", id);
    expect(JSON.parse(stdout), stderr).toEqual(JSON.parse(known.openapi));
    expect(JSON.parse(stdout)).toMatchObject({ info });
    expect(stdout).toContain('"x-latchkey-web-sockets": true');
  });

  it("carries parameters, bodies and validation from one API to another, and the ingress holds to them", async () => {
    const operation = {
      parameters: [
        { name: "id", in: "path", required: true, schema: { type: "integer", minimum: 1 } },
        { name: "state", in: "query", required: true, schema: { enum: ["open", "closed"] } },
      ],
    };
    const checked = await makeApi(stack, subscriptionId, "Checked", [
      { method: "POST", path: "/checked/{id}", integrationId, validate: true, operation },
    ]);
    const file = join(output, "checked.yaml");
    const document = latchkey("openapi", checked.id, "--spec", "3.1", "--format", "yaml", "--out", file);
    expect(document.status, document.stderr).toBe(0);
    const { api: known } = await stack.graphql<{ api: { openapi: string } }>(
      "query($id: ID!) { api(id: $id) { openapi(version: V3_1, format: YAML) } }",
      { id: checked.id },
    );
    // The command and the control plane say the same of an API.
    expect(readFileSync(file, "utf8").trim()).toBe(known.openapi.trim());

    const elsewhere = await makeSubscription(stack, "elsewhere");
    const copied = await makeIntegration(stack, elsewhere, "orders", `${recorder.url}/copy`);
    const imported = latchkey("import", file, "--subscription", elsewhere, "--validate", "on");
    expect(imported.status, imported.stdout + imported.stderr).toBe(0);
    const apiId = /^API (\S+)$/m.exec(imported.stdout)?.[1] ?? "";
    const secret = /Its key, shown this once: (\S+)/.exec(imported.stdout)?.[1] ?? "";
    stack.secrets.add(secret);
    const again = latchkey("openapi", apiId, "--spec", "3.1", "--format", "yaml");
    expect(again.stdout).toBe(known.openapi);

    const served = await mutate<{ api: { version: number } }>(
      stack,
      "updateApi",
      {
        id: apiId,
        expectedVersion: 1,
        title: "Checked",
        summary: "",
        openapiServed: true,
        routes: [{ method: "POST", path: "/checked/{id}", integrationId: copied }],
      },
      "api { version }",
    );
    await enforced(stack, served.revision);
    const headers = { "connxio-api-key": secret, "content-type": "application/json" };
    const post = async (target: string, body: string) => {
      const response = await fetch(`${stack.ingress.url}${target}`, { method: "POST", headers, body });
      const problem = (await response.json()) as { errors?: readonly { in: string; pointer: string }[] };
      return [response.status, ...(problem.errors ?? []).map((error) => `${error.in} ${error.pointer}`)];
    };
    expect(await post("/checked/7?state=open", '{"quantity":1}')).toEqual([200]);
    expect(recorder.last.url).toBe("/copy?state=open");
    expect(await post("/checked/0?state=x", '{"quantity":1}')).toEqual([422, "path /id", "query /state"]);
    expect(await post("/checked/7?state=open", '{"quantity":"1"}')).toEqual([422, "body /quantity"]);
    await documentServed(stack, apiId);
    const own = await fetch(`${stack.ingress.url}/.well-known/openapi.json`, { headers });
    expect([own.status, await own.json()]).toMatchObject([
      200,
      {
        openapi: "3.1.1",
        paths: { "/checked/{id}": { post: { parameters: [{ name: "id" }, { name: "state" }] } } },
      },
    ]);
  });

  it("splits a document into APIs, and shows them in a dry run first", () => {
    const file = join(output, "split.json");
    const operation = (tag: string) => ({ get: { tags: [tag], responses: { 200: { description: "ok" } } } });
    const paths = { "/a": operation("First"), "/b": operation("Second"), "/c": operation("Second") };
    writeFileSync(file, JSON.stringify({ openapi: "3.1.0", info: { title: "Split", version: "1" }, paths }));
    const args = ["--subscription", subscriptionId, "--integration", integrationId, "--split", "tag"];
    const shown = latchkey("import", file, ...args, "--dry-run");
    expect(shown.status).toBe(0);
    expect(shown.stdout).toContain('API "Split: First" (1 route)\nAPI "Split: Second" (2 routes)\n');
    const made = latchkey("import", file, ...args);
    expect(made.status).toBe(0);
    expect(made.stdout).toMatch(/API api_\w+ "Split: Second" \(2 routes\)\nIts key, shown this once: lk_/);
  });

  it("puts the path of the document's server in front of its paths, or nothing if asked", () => {
    const file = join(output, "prefix.json");
    const paths = { "/a": { get: { responses: { 200: { description: "ok" } } } } };
    const servers = [{ url: "https://prefix.example/v2" }];
    const document = { openapi: "3.1.0", info: { title: "Prefix", version: "1" }, servers, paths };
    writeFileSync(file, JSON.stringify(document));
    const args = ["--subscription", subscriptionId, "--integration", integrationId, "--dry-run"];
    expect(latchkey("import", file, ...args).stdout).toContain("added      GET /v2/a\n");
    expect(latchkey("import", file, ...args, "--path-prefix", "").stdout).toContain("added      GET /a\n");
  });

  it("refuses a broken document with a pointer and changes nothing", () => {
    const file = join(output, "broken.json");
    const paths = {
      "/a": { get: { parameters: [{ $ref: "#/components/parameters/none" }], responses: {} } },
    };
    writeFileSync(file, JSON.stringify({ openapi: "3.0.3", info: { title: "x", version: "1" }, paths }));
    const { status, stdout, stderr } = latchkey(
      "import",
      file,
      "--subscription",
      subscriptionId,
      "--integration",
      integrationId,
    );
    expect(stderr).toContain("Nothing was changed.");
    expect(stdout).toContain("/paths/~1a/get/parameters/0");
    expect(status).toBe(1);
  });

  it("tells what the control plane says of a document that is too large", () => {
    const file = join(output, "large.json");
    writeFileSync(file, "x".repeat(44 * 1024 * 1024));
    const { status, stdout, stderr } = latchkey("import", file, "--api", api.id);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/responded with 413: The body has more than \d+ bytes\.\n$/);
  });

  it("names the option that is wrong, on standard error", () => {
    const { status, stdout, stderr } = latchkey(
      "import",
      join(output, "orders.json"),
      "--api",
      "api_nowhere",
    );
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^--api: there is no API with the id or title "api_nowhere"; .+\n$/);
    const { port } = new URL(recorder.url);
    expect(latchkey("mock", api.id, "--port", port)).toMatchObject({
      status: 1,
      stdout: "",
      stderr: `port ${port} on 127.0.0.1 is taken; set another mock port with --port\n`,
    });
  });

  it("generates a client that gets 200 from the running ingress", async () => {
    const file = join(output, "orders-client.ts");
    const { status, stderr } = latchkey("client", api.id, "--lang", "ts", "--out", file);
    expect(status, stderr).toBe(0);
    const { createApiClient } = (await import(file)) as {
      createApiClient(options: object): {
        PUT(path: string, init: object): Promise<{ response: Response; data: unknown }>;
      };
    };
    const client = createApiClient({ baseUrl: stack.ingress.url, apiKey: api.secret });
    const { response, data } = await client.PUT("/orders/{orderId}", {
      params: { path: { orderId: "17" } },
      body: { quantity: 3 },
    });
    expect(response.status).toBe(200);
    expect(data).toEqual({ upstream: "/orders" });
    expect(JSON.parse(recorder.last.body.toString())).toEqual({ quantity: 3 });
  });

  it("serves an API's examples as a mock", async () => {
    await using mock = startProcess({
      args: [latchkeyCommand, "mock", api.id, "--port", "0"],
      env: { LATCHKEY_URL: stack.graphqlUrl, LATCHKEY_TOKEN: stack.adminToken, LATCHKEY_PRINT_URLS: "true" },
    });
    const urls = await mock.waitForJson<{ mock: string }>();
    const response = await fetch(`${urls.mock}/orders/1`, { method: "PUT", body: "{}" });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ upstream: "example" });
    expect((await fetch(`${urls.mock}/nowhere`)).status).toBe(404);
  });

  it("says what is needed when the token or the control plane is missing", () => {
    const env = { ...process.env, LATCHKEY_URL: "http://127.0.0.1:1/graphql", LATCHKEY_TOKEN: "" };
    const run = (more: object) =>
      spawnSync(process.execPath, [latchkeyCommand, "openapi", api.id], {
        encoding: "utf8",
        env: { ...env, ...more },
      });
    expect(run({}).stderr).toContain("LATCHKEY_TOKEN");
    const away = run({ LATCHKEY_TOKEN: "some-token" });
    expect(away.stderr).toContain("no response from the control plane at http://127.0.0.1:1/graphql: ");
    expect(away.status).toBe(1);
  });
});
