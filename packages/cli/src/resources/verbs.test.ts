/**
 * `list`, `get`, `create`, `update`, `delete`, `keys` and `nodes` towards a control plane that responds as told. Over 400 lines
 * because all share its resources and responses.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { FakeControlPlane, latchkey, type Request } from "../testing/command.js";
import { KINDS } from "./kinds.js";

let controlPlane: FakeControlPlane;
let dir = "";
beforeAll(async () => {
  controlPlane = await FakeControlPlane.start();
  dir = mkdtempSync(join(tmpdir(), "latchkey-resources-"));
});
afterAll(async () => {
  await controlPlane[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

const subscription = { id: "sub_1", name: "Sample" };
const integration = {
  id: "int_1",
  name: "Orders",
  subscription,
  urls: ["http://a"],
  method: "POST",
  routeCount: 1,
};
const api = {
  id: "api_1",
  title: "Orders",
  subscription,
  versionLabel: "v1",
  routes: [{ method: "PUT", path: "/o" }],
};
const key = {
  id: "key_1",
  name: "Partner",
  active: true,
  mode: "HEADER",
  api: { title: "Orders" },
  display: "lk_…9",
};
const credential = {
  id: "crd_1",
  name: "Orders token",
  subscription,
  version: 3,
  header: null,
  oauth: { tokenUrl: "https://login.example.com/token", clientId: "orders", scope: "a", keyId: "" },
};
const node = {
  id: "node_1",
  name: "node-1",
  status: "HEALTHY",
  revision: { epoch: 1, number: 7 },
  requestsPerSecond: 0,
};
const byQuery: Readonly<Record<string, { readonly id: string }>> = {
  subscription,
  integration,
  api,
  apiKey: key,
  credential,
  ingressNode: node,
};

/** Every resource by its id or its label; mutations give back what they name. */
function respond({ query, variables }: Request): object | string {
  const [, one] = /one: (\w+)\(/.exec(query) ?? [];
  if (one !== undefined) {
    const item = (byQuery[one] ?? {}) as {
      readonly id: string;
      readonly title?: string;
      readonly name?: string;
    };
    const nodes =
      [item.title, item.name].includes(String(variables.label)) || one === "ingressNode" ? [item] : [];
    return { one: item.id === variables.id ? item : null, many: { nodes } };
  }
  if (query.includes("page:"))
    return {
      page: {
        nodes: query.includes("ingressNodes(") ? [node] : [api, { ...api, id: "api_2" }],
        pageInfo: { hasNextPage: false, endCursor: null },
      },
    };
  return {
    changed: {
      subscription,
      integration,
      api,
      key,
      credential,
      node,
      secret: "lk_secret",
      token: "node-token",
      receipt: null,
      userErrors: [],
    },
  };
}

/** Changes are refused, and queries get what there is. */
function refuseChanges(
  ...userErrors: readonly { field: readonly string[] | null; code: string; message: string }[]
): void {
  controlPlane.respond = (request) =>
    request.query.includes("mutation") ? { changed: { receipt: null, userErrors } } : respond(request);
}

const connected = (...args: readonly string[]) =>
  latchkey(...args, "--url", controlPlane.url, "--token", "secret-token");
const lastInput = () => controlPlane.requests.at(-1)?.variables.input;

beforeEach(() => {
  controlPlane.requests.length = 0;
  controlPlane.respond = respond;
});

describe("the format of a result", () => {
  it("is tabs without titles on a pipe, and the whole as JSON or YAML", async () => {
    const table = await connected("list", "apis");
    expect(table.stdout).toBe("api_1\tOrders\tSample\tv1\tPUT /o\napi_2\tOrders\tSample\tv1\tPUT /o\n");
    for (const args of [["--json"], ["-o", "json"]])
      expect(JSON.parse((await connected("list", "apis", ...args)).stdout)).toMatchObject([
        api,
        { id: "api_2" },
      ]);
    expect(parse((await connected("get", "api", "api_1", "-o", "yaml")).stdout)).toEqual(api);
    expect((await connected("list", "apis", "-o", "xml")).code).toBe(2);
  });

  it("has of one what is too much for a list: the policies of an API's routes, the limits of an integration", async () => {
    controlPlane.respond = (request) =>
      request.query.includes("requestBodyBytesMax")
        ? { one: { routes: [{ id: "rte_1", requestBodyBytesMax: 10 }], limits: { requestBodyBytesMax: 20 } } }
        : respond(request);
    for (const kind of ["api", "integration"])
      expect(JSON.parse((await connected("get", kind, "Orders", "--json")).stdout)).toMatchObject({
        id: kind === "api" ? "api_1" : integration.id,
        routes: [{ requestBodyBytesMax: 10 }],
        limits: { requestBodyBytesMax: 20 },
      });
    await connected("list", "apis", "--json");
    expect(controlPlane.requests.at(-1)?.query).not.toContain("requestBodyBytesMax");
  });

  it("has columns and titles on a terminal", async () => {
    const { isTTY } = process.stdout;
    process.stdout.isTTY = true;
    try {
      const [titles, first] = (await connected("list", "apis")).stdout.split("\n");
      expect(titles).toMatch(/^ID {6}TITLE {4}SUBSCRIPTION/);
      expect(first).toMatch(/^api_1 {3}Orders {3}Sample/);
    } finally {
      process.stdout.isTTY = isTTY;
    }
  });
});

describe("a resource", () => {
  it.each(["api_1", "Orders"])("is found by id or title: %s", async (text) => {
    const { code, stdout } = await connected("get", "api", text);
    expect([code, stdout.split("\n")[0]]).toEqual([0, "ID             api_1"]);
  });

  it("that does not exist ends with 1 and the command that lists them", async () => {
    const { code, stderr, stdout } = await connected("get", "api", "Nothing");
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toBe('there is no API with the id or title "Nothing"; `latchkey list apis` shows them\n');
  });

  it("that is deleted is named as sentences name it", async () => {
    const { code, stderr } = await connected("delete", "api", "Orders", "--yes");
    expect([code, stderr]).toEqual([0, 'Deleted the API "Orders" (api_1).\n']);
  });

  it("whose title two have is refused with their ids", async () => {
    controlPlane.respond = () => ({ one: null, many: { nodes: [api, { ...api, id: "api_2" }] } });
    const { code, stderr } = await connected("delete", "api", "Orders", "--yes");
    expect(code).toBe(1);
    expect(stderr).toContain("give the id of one (api_1, api_2)");
    expect(controlPlane.requests).toHaveLength(1);
  });
});

describe("the commands of documents", () => {
  const empty = {
    server: { ingressUrl: null, keyHeader: "Connxio-Api-Key" },
    webhookKeys: { totalCount: 0 },
    api: {
      title: "Orders",
      summary: "",
      versionLabel: "v1",
      schemas: null,
      tags: [],
      routes: [],
    },
    importOpenApi: {
      dryRun: true,
      apis: [],
      routes: [],
      integrations: [],
      noteGroups: [],
      userErrors: [],
    },
  };
  beforeEach(() => {
    controlPlane.respond = (request) => (request.query.includes("one:") ? respond(request) : empty);
  });

  it.each([
    ["openapi", "api_1"],
    ["openapi", "Orders"],
    ["client", "Orders"],
  ])("%s takes an id or a title: %s", async (verb, api) => {
    expect((await connected(verb, api)).code).toBe(0);
    expect(controlPlane.requests.at(-1)?.variables).toMatchObject({ id: "api_1", withKey: false });
  });

  it.each(["openapi", "client", "mock"])("%s refuses a title that none or two have", async (verb) => {
    const { code, stderr } = await connected(verb, "Nothing");
    expect(code).toBe(1);
    expect(stderr).toBe('there is no API with the id or title "Nothing"; `latchkey list apis` shows them\n');
    controlPlane.respond = () => ({ one: null, many: { nodes: [api, { ...api, id: "api_2" }] } });
    expect((await connected(verb, "Orders")).stderr).toContain("give the id of one (api_1, api_2)");
  });

  it("import takes ids, titles and names", async () => {
    const file = join(dir, "document.yaml");
    writeFileSync(file, "openapi: 3.0.3");
    const mapped = ["--integration", "Orders", "--map", "listOrders=int_1"];
    expect((await connected("import", file, "--api", "Orders", ...mapped)).code).toBe(0);
    expect(lastInput()).toMatchObject({
      apiId: "api_1",
      mapping: { default: "int_1", operations: [{ match: "listOrders", integrationId: "int_1" }] },
    });
    expect((await connected("import", file, "--subscription", "Sample")).code).toBe(0);
    expect(lastInput()).toMatchObject({ subscriptionId: "sub_1" });
    const { code, stderr } = await connected("import", file, "--subscription", "Sampel");
    expect([code, stderr.split(";")[0]]).toEqual([
      1,
      '--subscription: there is no subscription with the id or name "Sampel"',
    ]);
  });

  it("a list names the option that fits nothing, and no change", async () => {
    expect(await connected("list", "keys", "--api", "Ordres")).toMatchObject({
      code: 1,
      stderr: '--api: there is no API with the id or title "Ordres"; `latchkey list apis` shows them\n',
    });
  });
});

describe("create and update", () => {
  it("look up what options refer to", async () => {
    const { code, stdout, stderr } = await connected(
      "create",
      "api",
      "New",
      "--subscription",
      "Sample",
      "--route",
      "put /orders/{id}=Orders",
      "--route",
      "GET /a=int_1",
      "--json",
    );
    expect([code, stderr]).toEqual([0, "The secret is shown only this once.\n"]);
    expect(lastInput()).toEqual({
      title: "New",
      subscriptionId: "sub_1",
      routes: [
        { method: "PUT", path: "/orders/{id}", integrationId: "int_1" },
        { method: "GET", path: "/a", integrationId: "int_1" },
      ],
    });
    expect(JSON.parse(stdout)).toMatchObject({ id: "api_1", secret: "lk_secret" });
  });

  it("leave the parts of a nested object as they are that no option names", async () => {
    const update = (...options: readonly string[]) => connected("update", ...options);
    expect((await update("credential", "Orders token", "--scope", "b", "--key-id", "k1")).code).toBe(0);
    expect(lastInput()).toEqual({
      id: "crd_1",
      expectedVersion: 3,
      oauth: { ...credential.oauth, scope: "b", keyId: "k1" },
    });
    expect((await update("credential", "Orders token", "--header", "X-Key")).code).toBe(0);
    expect(lastInput()).toEqual({ id: "crd_1", header: { name: "X-Key" } });
    const cors = ["--cors-origin", "https://app.example.com", "--cors-max-age", "60"];
    expect((await update("api", "Orders", ...cors)).code).toBe(0);
    expect(lastInput()).toEqual({
      id: "api_1",
      cors: { origins: ["https://app.example.com"], maxAgeSeconds: 60 },
    });
    expect((await update("api", "Orders", "--cors", "none", "--rate-limit", "100/m burst=20")).code).toBe(0);
    const rateLimit = { limit: 100, windowSeconds: 60, burst: 20 };
    expect(lastInput()).toEqual({ id: "api_1", cors: null, rateLimit });
    expect((await update("api", "Orders", "--rate-limit", "none", "--quota", "none")).code).toBe(0);
    expect(lastInput()).toEqual({ id: "api_1", rateLimit: null, quota: null });
  });

  const clearable = KINDS.flatMap((kind) =>
    kind.updateFields
      .filter(({ repeated, none }) => repeated === true || none !== undefined)
      .map((field) => ({ kind, field, option: field.flags.split(" ")[0] ?? "" })),
  );

  it.each(clearable)("none clears $option of $kind.name", async ({ kind, field, option }) => {
    const { code, stderr } = await connected(
      "update",
      kind.name,
      byQuery[kind.one]?.id ?? "",
      option,
      "none",
    );
    expect([code, stderr]).toEqual([0, ""]);
    const [name = "", part] = field.input.split(".");
    const given = (lastInput() as Readonly<Record<string, unknown>>)[name];
    const value = part === undefined ? given : (given as Readonly<Record<string, unknown>>)[part];
    expect(value).toEqual(name === "metadata" ? {} : field.repeated ? [] : field.none);
    expect((await connected("update", kind.name, "--help")).stdout.replace(/\s+/g, " ")).toMatch(
      new RegExp(`${option} (?:(?! --[a-z]).)*none (takes it away|empties the list)`),
    );
    const refused = await connected("update", kind.name, "Orders", option, "");
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/Give a value: none (takes it away|empties the list)\./),
    ]);
  });

  it.each([[["none", "10.0.0.0/8"]], [["10.0.0.0/8", "none"]], [["none", "none"]]])(
    "none stands alone in a list: %j",
    async (values) => {
      const options = values.flatMap((value) => ["--allow-ip", value]);
      const { code, stderr } = await connected("update", "api", "Orders", ...options);
      expect([code, stderr]).toEqual([2, expect.stringContaining("none is the empty list: give it once")]);
    },
  );

  it("take the input's fields from a file, with options over them", async () => {
    const file = join(dir, "integration.yaml");
    writeFileSync(file, "subscriptionId: sub_1\nmethod: GET\nretry: { attempts: 2 }\n");
    const { code } = await connected("create", "integration", "Orders", "--file", file, "--method", "put");
    expect(code).toBe(0);
    expect(lastInput()).toEqual({
      subscriptionId: "sub_1",
      method: "PUT",
      retry: { attempts: 2 },
      name: "Orders",
    });
  });

  it.each([
    ["a reference that is missing", ["create", "api", "New"], "--subscription is needed: "],
    [
      "an integration without a target, whose URL stands in the wrong option,",
      ["create", "integration", "New", "--subscription", "Sample", "--url", "https://orders.example.com/in"],
      "--target is needed: where requests go (--url is the control plane's).",
    ],
    [
      "an update without changes before it connects",
      ["update", "integration", "Orders", "--url", "https://a"],
      "nothing to change: give --name, --rate-limit, --quota, --target,",
    ],
    ["nothing to change", ["update", "api", "Orders"], "nothing to change: give --title"],
    [
      "a route that is none",
      ["create", "api", "New", "--route", "orders"],
      "expected '<METHOD> <path>=<integration>'",
    ],
    ["a mode that is none", ["create", "key", "K", "--api", "Orders", "--mode", "cookie"], "--mode <mode>"],
    ["a file that is a list", ["update", "api", "Orders", "--file", "LIST"], "has to hold one object"],
    ["a deletion that nobody confirms", ["delete", "api", "Orders"], "--yes is needed"],
    ["a kind that is none", ["list", "things"], "unknown command 'things'"],
  ])("end with 2 for %s", async (_, args, message) => {
    const list = join(dir, "list.json");
    writeFileSync(list, "[1]");
    const { code, stdout, stderr } = await connected(...args.map((arg) => (arg === "LIST" ? list : arg)));
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  });

  it("call - standard input in an error", async () => {
    const stdin = vi
      .spyOn(process, "stdin", "get")
      .mockReturnValue(Readable.from([Buffer.from("[1")]) as typeof process.stdin);
    const { code, stderr } = await connected("update", "api", "Orders", "--file", "-");
    stdin.mockRestore();
    expect(code).toBe(2);
    expect(stderr).toContain("--file: standard input is neither JSON nor YAML: ");
  });

  it("name the fields of a file in what the control plane refuses, but for those that an option is over", async () => {
    const file = join(dir, "refused.yaml");
    writeFileSync(file, "versionLabel: v9\nroutes: [{ method: GET, path: /a, integrationId: int_none }]\n");
    refuseChanges(
      { field: ["input", "routes", "0", "integrationId"], code: "NOT_FOUND", message: "No." },
      { field: ["input", "versionLabel"], code: "INVALID", message: "Too long." },
    );
    const args = [
      "create",
      "api",
      "Orders",
      "--subscription",
      "Sample",
      "--version-label",
      "v2",
      "--file",
      file,
    ];
    const { code, stderr } = await connected(...args);
    expect([code, stderr]).toEqual([1, "routes.0.integrationId: No.\n--version-label: Too long.\n"]);
  });

  it("name the options in what the control plane refuses", async () => {
    refuseChanges(
      { field: ["input", "title"], code: "TAKEN", message: "Another API has this title." },
      { field: ["input", "versionLabel"], code: "INVALID", message: "Too long." },
    );
    const { code, stderr } = await connected(
      "create",
      "api",
      "Orders",
      "--subscription",
      "Sample",
      "--version-label",
      "v",
    );
    expect([code, stderr]).toEqual([1, "<title>: Another API has this title.\n--version-label: Too long.\n"]);
  });
});

describe("keys and nodes", () => {
  it("rotates a key with an overlap, and prints the secret", async () => {
    const { code, stdout } = await connected("keys", "rotate", "Partner", "--overlap", "24h");
    expect([code, stdout]).toEqual([0, expect.stringMatching(/SECRET +lk_secret\n$/)]);
    expect(lastInput()).toEqual({ id: "key_1", overlapSeconds: 86_400 });
    expect((await connected("keys", "rotate", "Partner", "--overlap", "a day")).code).toBe(2);
  });

  it.each([
    ["disable", false],
    ["enable", true],
  ] as const)("%s a key", async (verb, active) => {
    expect((await connected("keys", verb, "Partner")).code).toBe(0);
    expect(lastInput()).toEqual({ id: "key_1", active });
  });

  it("refuses a node's name that there is, and names the option that replaces its token", async () => {
    expect(await connected("nodes", "create", "node-1")).toEqual({
      code: 1,
      stdout: "",
      stderr: "<name>: there is a node called node-1 already; --rotate-existing replaces its token.\n",
    });
    expect(controlPlane.requests.filter(({ query }) => query.startsWith("mutation"))).toEqual([]);
  });

  it("registers a node and prints its token", async () => {
    const { stdout } = await connected("nodes", "create", "node-2", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ name: "node-1", token: "node-token" });
  });

  it("writes a node's token to a file that only its owner can read", async () => {
    const folder = mkdtempSync(join(dir, "token-"));
    const file = join(folder, "token");
    writeFileSync(file, "old\n", { mode: 0o644 });
    const { code, stdout } = await connected("nodes", "create", "node-2", "--token-file", file);
    expect([code, stdout.includes("node-token")]).toEqual([0, false]);
    expect(readFileSync(file, "utf8")).toBe("node-token\n");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["token"]);
  });

  it("changes nothing where the file of a node's token cannot be written, and keeps the file when a change is refused", async () => {
    const folder = mkdtempSync(join(dir, "token-"));
    const nowhere = join(folder, "nowhere/token");
    const create = (file: string) =>
      connected("nodes", "create", "node-1", "--rotate-existing", "--token-file", file);
    expect(await create(nowhere)).toMatchObject({
      code: 1,
      stderr: `${nowhere} cannot be written: no such file or directory\n`,
    });
    expect(controlPlane.requests.filter(({ query }) => query.startsWith("mutation"))).toEqual([]);

    const file = join(folder, "token");
    writeFileSync(file, "old\n");
    refuseChanges({ field: null, code: "CONFLICT", message: "No." });
    expect((await create(file)).code).toBe(1);
    expect([readFileSync(file, "utf8"), readdirSync(folder)]).toEqual(["old\n", ["token"]]);
  });
});
