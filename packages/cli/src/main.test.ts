/** Exit codes, standard streams and files of the command. */
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { release } from "@latchkey/observe/release";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { main } from "./main.js";
import { commandHelps } from "./testing/command.js";

const api = {
  title: "Orders",
  summary: "",
  versionLabel: "v1",
  schemas: null,
  tags: [],
  routes: [
    {
      method: "GET",
      path: "/orders",
      operationId: "getOrders",
      validate: false,
      operation: null,
      integration: {
        name: "orders",
        requestSchema: null,
        responseSchema: null,
        requestContentTypes: [],
        responseContentTypes: [],
        examples: [],
      },
    },
  ],
};
/** The data of the look-up by id or title, and of the API. */
const found = { one: { id: "api_1" }, many: { nodes: [] } };
const model = {
  data: {
    ...found,
    server: { ingressUrl: null, keyHeader: "Connxio-Api-Key" },
    webhookKeys: { totalCount: 0 },
    api,
  },
};

let server: Server;
let origin = "";
let dir = "";
let cwd = "";
let status = 200;
let response: string;
/** Whether the connection is cut after the first piece of the response. */
let breaksOff = false;
let requested: string | undefined;

beforeAll(async () => {
  server = createServer((req, res) => {
    requested = req.url;
    req.resume().once("end", () => {
      res.writeHead(status);
      if (breaksOff) res.write(response, () => res.destroy());
      else res.end(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "latchkey-cli-"));
  cwd = process.cwd();
  process.chdir(dir);
  status = 200;
  breaksOff = false;
  response = JSON.stringify(model);
  requested = undefined;
});
afterEach(() => {
  process.chdir(cwd);
  rmSync(dir, { recursive: true });
});

async function latchkey(...args: readonly string[]) {
  const texts = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text, ...more: unknown[]) => {
      texts[name] += String(text);
      const written = more.at(-1);
      if (typeof written === "function") written();
      return true;
    }),
  );
  const code = await main(["node", "latchkey", ...args]);
  for (const spy of spies) spy.mockRestore();
  return { code, ...texts };
}
const connected = (...args: readonly string[]) =>
  latchkey(...args, "--url", origin, "--token", "secret-token");

const exportFrom = (from: string) => ["usage", "export", "--token", "t", "--from", from];

describe("exit codes", () => {
  it.each([["--version"], ["-V"]])("%s prints the release and ends with 0", async (option) => {
    const file = new URL("../package.json", import.meta.url);
    const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
    expect(await latchkey(option)).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  it("--help names them and ends with 0", async () => {
    const { code, stdout, stderr } = await latchkey("--help");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("Exit codes: 0 success, 1 failure or refusal, 2 wrong usage.");
  });

  it.each([
    ["no verb", []],
    ["an unknown verb", ["nonsense"]],
    ["an unknown option", ["openapi", "api_1", "--nonsense"]],
    ["an argument too few", ["openapi"]],
    ["an argument too many", ["openapi", "api_1", "api_2"]],
    ["a value that is no choice", ["openapi", "api_1", "--spec", "2.0"]],
    ["a port that is none", ["mock", "api_1", "--port", "x"]],
    ["an engine that is none", ["dev", "--http-engine", "x"]],
    ["a URL that is none", ["openapi", "api_1", "--token", "t", "--url", "localhost:4000"]],
    ["a token that no header carries", ["openapi", "api_1", "--token", "a\nb"]],
    ["no token", ["openapi", "api_1", "--token", ""]],
    ["a policy without Azure", ["openapi", "api_1", "--token", "t", "--policy-out", "x"]],
    [
      "a policy in the document's file",
      ["openapi", "a", "--token", "t", "--target", "azure-apim", "--out", "x", "--policy-out", "./x"],
    ],
    [
      "a version that Azure does not get",
      ["openapi", "a", "--token", "t", "--target", "azure-apim", "--spec", "3.1"],
    ],
    ["a collection as YAML", ["openapi", "a", "--token", "t", "--target", "postman", "--format", "yaml"]],
    ["an import into nothing", ["import", "x.yaml", "--token", "t"]],
    ["a database as a stream", ["backup", "-"]],
    ["a time that is none", exportFrom("yesterday")],
    ["a time without a zone", exportFrom("2026-11-01T08:00")],
    ["a time that ends before it begins", [...exportFrom("2026-11-02"), "--to", "2026-11-01"]],
    ["rows by what they do not have", [...exportFrom("2026-11-02"), "--by", "api,method"]],
  ])("wrong usage ends with 2 on standard error: %s", async (_, args) => {
    const { code, stdout, stderr } = await latchkey(...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).not.toBe("");
    expect(readdirSync(dir)).toEqual([]);
  });

  it.each([
    [["nonsense"], "latchkey --help lists the commands"],
    [["usage", "import"], "latchkey usage --help lists the commands"],
    [["usage", "export", "--since", "x"], "latchkey usage export --help lists the options"],
  ])("wrong usage names the help of its own command: %j", async (args, hint) => {
    expect((await latchkey(...args)).stderr).toContain(`(${hint})`);
  });

  it.each([
    [["help", "bogus"], "latchkey --help"],
    [["help", "list", "bogus"], "latchkey list --help"],
  ])("names the word that is no command: %j", async (args, hint) => {
    expect(await latchkey(...args)).toEqual({
      code: 2,
      stdout: "",
      stderr: `error: unknown command 'bogus'\n(${hint} lists the commands)\n`,
    });
  });

  it("help shows the help of a command below another one", async () => {
    const { code, stdout } = await latchkey("help", "list", "apis");
    expect([code, stdout]).toEqual([0, (await latchkey("list", "apis", "--help")).stdout]);
  });

  it.each(["x", "-1", "1.5", "2x"])("names the option and the value of --workers %s", async (value) => {
    const { code, stderr } = await latchkey("ingress", `--workers=${value}`);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(
        `option '--workers <number>' argument '${value}' is invalid. expected a whole number.`,
      ),
    ]);
  });

  it("the help of every command has examples", async () => {
    const without: string[] = [];
    let count = 0;
    for await (const { path, help } of commandHelps()) {
      count += 1;
      if (!/^Examples:\n {2}\S/m.test(help)) without.push(path.join(" "));
    }
    expect(without).toEqual([]);
    expect(count).toBeGreaterThan(60);
  });

  it("an empty value of any option of any command is wrong usage", async () => {
    let count = 0;
    for await (const { path, help } of commandHelps()) {
      // A text may be empty: it clears a summary.
      for (const [, option = ""] of help.matchAll(/^ {2}(?:-\w, )?(--[a-z][a-z-]*) <(?!text)/gm)) {
        const { code, stdout: text, stderr } = await latchkey(...path, option, "");
        expect([code, text], `${path.join(" ")} ${option}`).toEqual([2, ""]);
        expect(stderr).toContain(`${option} <`);
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(30);
    expect(readdirSync(dir)).toEqual([]);
  });

  it.each([
    [
      ["import", "nowhere.yaml", "--api", "api_1"],
      "nowhere.yaml cannot be read: no such file or directory\n",
    ],
    [["import", ".", "--api", "api_1"], ". cannot be read: illegal operation on a directory\n"],
    [["openapi", "api_1", "--out", "no/x"], "no/x cannot be written: no such file or directory\n"],
    [["client", "api_1", "--out", "."], ". cannot be written: illegal operation on a directory\n"],
  ])("a file that cannot be used ends with 1 and its name: %j", async (args, message) => {
    const { code, stdout, stderr } = await connected(...args);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(message);
  });

  it.each([
    [["backup", "copy.db"], "there is no database at data/latchkey.db\n"],
    [["restore", "text.db"], "text.db cannot be restored: the file is not an SQLite database."],
  ])("a database that is none ends with 1 and leaves no file: %j", async (args, message) => {
    writeFileSync("text.db", "This is a text of more than one line.\n".repeat(100));
    const { code, stdout, stderr } = await latchkey(...args);
    expect([code, stdout, readdirSync(dir)]).toEqual([1, "", ["text.db"]]);
    expect(stderr).toContain(message);
  });

  it.each([
    [413, '{"errors":[{"message":"The body has more than 9 bytes."}]}', "The body has more than 9 bytes."],
    [401, '{"errors":[{"message":"A valid token is required."}]}', "refuses the admin token"],
    [
      404,
      '{"errors":[{"message":"There is nothing here."}]}',
      "/graphql responded with 404: There is nothing here.",
    ],
    [
      400,
      '{"errors":[{"message":"Cannot query field \\"a\\".","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}',
      `/graphql is of another release than this command (${release}): use the command of its release. It says: Cannot query field "a".`,
    ],
    [413, "<html>too large</html>", "responded with 413 Payload Too Large and no JSON"],
    [200, "null", "responded with 200 and no data"],
    [200, '{"data":null}', "responded with 200 and no data"],
  ])("a response that is none, %i %s, ends with 1", async (code, body, message) => {
    status = code;
    response = body;
    const result = await connected("openapi", "api_1");
    expect([result.code, result.stdout]).toEqual([1, ""]);
    expect(result.stderr).toContain(message);
  });

  it("takes the origin as the URL", async () => {
    expect((await connected("openapi", "api_1")).code).toBe(0);
    expect(requested).toBe("/graphql");
  });
});

describe("files", () => {
  it("writes none that was not named", async () => {
    const { code, stdout, stderr } = await connected("openapi", "api_1", "--target", "azure-apim");
    expect([code, readdirSync(dir)]).toEqual([0, []]);
    expect(JSON.parse(stdout)).toMatchObject({ openapi: "3.0.3" });
    expect(stderr).toContain("--policy-out <file>");
  });

  it.each([
    ["openapi", []],
    ["openapi", ["--target", "postman"]],
    ["client", []],
  ])("%s %j takes - for standard output", async (verb, options) => {
    const plain = await connected(verb, "api_1", ...options);
    const dash = await connected(verb, "api_1", ...options, "--out", "-");
    expect(dash).toEqual(plain);
    expect([dash.code, readdirSync(dir)]).toEqual([0, []]);
  });

  it("writes the policy to standard output when the document goes elsewhere", async () => {
    const azure = ["openapi", "api_1", "--target", "azure-apim", "--policy-out", "-"];
    const both = await connected(...azure);
    expect([both.code, both.stdout, readdirSync(dir)]).toEqual([2, "", []]);
    const { code, stdout } = await connected(...azure, "--out", "document.json");
    expect([code, readdirSync(dir)]).toEqual([0, ["document.json"]]);
    expect(stdout).toContain("<set-header");
  });
});

describe("the export of usage", () => {
  const asked = ["usage", "export", "--from", "2026-11-01"];
  const csv = "at,apiId,api\r\n2026-11-01T00:00:00.000Z,api_1,'=1+1\r\n";

  it("asks for what the options say, and writes what comes to a file or to standard output", async () => {
    response = csv;
    expect(await connected(...asked)).toEqual({ code: 0, stdout: csv, stderr: "" });
    expect(requested).toBe("/usage.csv?from=2026-11-01T00%3A00%3A00.000Z&resolution=DAY&groupBy=API%2CKEY");
    const more = ["--to", "2026-12-01", "--resolution", "ten-minutes", "--by", "route,error-code"];
    const { code, stdout } = await connected(...asked, ...more, "--format", "ndjson", "--out", "x.ndjson");
    expect([code, stdout, readFileSync("x.ndjson", "utf8")]).toEqual([0, "", csv]);
    expect(requested).toBe(
      "/usage.ndjson?from=2026-11-01T00%3A00%3A00.000Z&to=2026-12-01T00%3A00%3A00.000Z&resolution=TEN_MINUTES&groupBy=ROUTE%2CERROR_CODE",
    );
  });

  it("that breaks off leaves the file that was there, or none", async () => {
    breaksOff = true;
    response = csv;
    writeFileSync("old.csv", "of yesterday");
    chmodSync("old.csv", 0o640);
    for (const file of ["old.csv", "new.csv"]) {
      const { code, stderr } = await connected(...asked, "--out", file);
      expect([code, stderr]).toEqual([1, expect.stringContaining(`the export to ${file} broke off`)]);
    }
    expect([readdirSync(dir), readFileSync("old.csv", "utf8")]).toEqual([["old.csv"], "of yesterday"]);
    breaksOff = false;
    expect((await connected(...asked, "--out", "old.csv")).code).toBe(0);
    expect([readdirSync(dir), readFileSync("old.csv", "utf8")]).toEqual([["old.csv"], csv]);
    expect(statSync("old.csv").mode & 0o777).toBe(0o640);
  });

  it("goes through a link to its file, and into what is no file", async () => {
    response = csv;
    writeFileSync("file.csv", "");
    symlinkSync("file.csv", "link.csv");
    expect((await connected(...asked, "--out", "link.csv")).code).toBe(0);
    expect([lstatSync("link.csv").isSymbolicLink(), readFileSync("file.csv", "utf8")]).toEqual([true, csv]);
    expect((await connected(...asked, "--out", "/dev/null")).code).toBe(0);
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  });

  it("ends with 1 and the server's words, and leaves no file", async () => {
    status = 400;
    response = '{"errors":[{"message":"`groupBy` is a list."}]}';
    const refused = await connected(...asked, "--out", "x.csv");
    expect([refused.code, readdirSync(dir)]).toEqual([1, []]);
    expect(refused.stderr).toContain("responded with 400: `groupBy` is a list.");
    status = 401;
    expect((await connected(...asked)).stderr).toContain("refuses the admin token");
    status = 200;
    const { code, stderr } = await connected(...asked, "--out", "no/x");
    expect([code, stderr]).toEqual([1, "no/x cannot be written: no such file or directory\n"]);
  });
});

it("says that the document to import is empty, not that it is malformed", async () => {
  writeFileSync("empty.yaml", "\n");
  expect(await connected("import", "empty.yaml", "--api", "api_1")).toEqual({
    code: 1,
    stdout: "",
    stderr: "empty.yaml is empty: an OpenAPI document is expected\n",
  });
});

it("tells a refused import on standard error, in the words of the options", async () => {
  writeFileSync("document.yaml", "openapi: 3.0.3");
  const userErrors = [
    { field: ["input", "apiId"], code: "NOT_FOUND", message: "No API has this id." },
    { field: ["input", "mapping", "default"], code: "NOT_FOUND", message: "No integration has this id." },
    { field: ["input", "document"], code: "INVALID", message: "The document has no paths." },
  ];
  response = JSON.stringify({
    data: {
      ...found,
      importOpenApi: {
        dryRun: false,
        api: null,
        secret: null,
        routes: [],
        integrations: [],
        noteGroups: [],
        userErrors,
      },
    },
  });
  expect(await connected("import", "document.yaml", "--api", "api_1")).toEqual({
    code: 1,
    stdout: "",
    stderr:
      "--api: No API has this id.\n--integration: No integration has this id.\ndocument.yaml: The document has no paths.\nNothing was changed.\n",
  });
});
