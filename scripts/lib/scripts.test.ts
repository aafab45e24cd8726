/** What the scripts decide without npm: what a set of workspaces needs, what is checked before an installation, what is deleted after it. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addDevVerb } from "../../packages/cli/src/verbs/dev.js";
import { neededPaths } from "./dependencies.mjs";
import { DEV_OPTIONS, parseDevOptions } from "./dev-options.mjs";
import { SETS } from "./install.mjs";
import { shippedBill } from "./release/bill-of-materials.mjs";
import { readLicenses, writeLicenses } from "./release/licenses.mjs";
import { trim, trimCompiled } from "./trim.mjs";

const root = join(import.meta.dirname, "../..");
let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "latchkey-scripts-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("the packages that a set of workspaces needs", () => {
  const lock = {
    "": { devDependencies: { builder: "1" } },
    "packages/a": { dependencies: { "@x/b": "1", left: "1" }, devDependencies: { types: "1" } },
    "packages/b": { name: "@x/b" },
    "packages/a/node_modules/left": { dependencies: { deep: "1" } },
    test: { devDependencies: { runner: "1" } },
    "node_modules/@x/b": { link: true, resolved: "packages/b" },
    "node_modules/builder": {
      peerDependencies: { peer: "1", maybe: "1" },
      peerDependenciesMeta: { maybe: { optional: true } },
    },
    "node_modules/peer": {},
    "node_modules/maybe": {},
    "node_modules/left": { dependencies: { other: "1" } },
    "node_modules/other": {},
    "node_modules/deep": { optionalDependencies: { gone: "1" }, devDependencies: { never: "1" } },
    "node_modules/types": {},
    "node_modules/runner": {},
    "node_modules/never": {},
  };

  it("are found as Node.js finds them, with the development dependencies of our own workspaces only", () => {
    expect([...neededPaths(lock, ["", "packages/a", "packages/b"])].sort()).toEqual([
      "",
      "node_modules/@x/b",
      "node_modules/builder",
      "node_modules/deep",
      "node_modules/peer",
      "node_modules/types",
      "packages/a",
      "packages/a/node_modules/left",
      "packages/b",
    ]);
  });

  it("do not include what only checks, tests and benchmarks use, nor a build of uWebSockets.js", () => {
    const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
    const workspaces = Object.keys(packages).filter(
      (path) => !path.includes("node_modules/") && SETS.start.isWorkspace(path),
    );
    const needed = neededPaths(packages, workspaces);
    expect(needed.has("node_modules/turbo")).toBe(true);
    const testsOnly = [
      "vitest",
      "@biomejs/biome",
      "oxlint",
      "typescript-native",
      "knip",
      "fast-check",
      "uWebSockets.js",
      "@btc-vision/uwebsockets.js",
      "@bufbuild/buf",
      "playwright-core",
      "fastify",
      "@opentelemetry/otlp-transformer",
    ];
    expect(testsOnly.filter((name) => needed.has(`node_modules/${name}`))).toEqual([]);
  });
});

describe("npm start, before it installs anything", () => {
  const startBy = (launcher: readonly string[], ...args: readonly string[]) => {
    const [command = process.execPath, ...rest] = [...launcher, process.execPath];
    const { status, stderr } = spawnSync(
      command,
      [
        ...rest,
        "--input-type=module",
        "-e",
        `import { checkMachine } from ${JSON.stringify(join(root, "scripts/lib/preflight.mjs"))};
         import { readDevOptions } from ${JSON.stringify(join(root, "scripts/lib/dev-options.mjs"))};
         import { step } from ${JSON.stringify(join(root, "scripts/lib/shell.mjs"))};
         const options = readDevOptions(process.argv.slice(1));
         await step("checking", async () => { await checkMachine(options); return "fine"; });`,
        "--",
        ...args,
      ],
      { encoding: "utf8" },
    );
    return { status, stderr };
  };
  const start = (...args: readonly string[]) => startBy([], ...args);
  const canMount =
    spawnSync("unshare", ["--mount", "sh", "-c", "mount -t tmpfs none /mnt"], { stdio: "ignore" }).status ===
    0;
  const free = ["--graphql-port", "0", "--grpc-port=0", "--ingress-port", "0"];

  it("reports a taken port and a data folder that is a file, both at once, with the options that change them", async () => {
    const taken: Server = createServer();
    await new Promise<void>((done) => taken.listen(0, "127.0.0.1", done));
    const { port } = taken.address() as { port: number };
    const file = join(dir, "file");
    writeFileSync(file, "");
    const { status, stderr } = start(
      ...free,
      "--ingress-port",
      String(port),
      "--data-dir",
      join(file, "data"),
    );
    await new Promise((done) => taken.close(done));
    expect(status).toBe(1);
    expect(stderr).toContain(`Port ${port} is taken; choose another one with --ingress-port <port>.`);
    expect(stderr).toContain(`${file} is a file; choose another data folder with --data-dir <folder>.`);
  });

  it("checks the ports unless the process that locked the data folder still runs", async () => {
    const taken: Server = createServer();
    await new Promise<void>((done) => taken.listen(0, "127.0.0.1", done));
    const { port } = taken.address() as { port: number };
    const again = [...free, "--ingress-port", String(port), "--data-dir", dir];
    writeFileSync(join(dir, "latchkey.lock"), "");
    const { pid } = spawnSync(process.execPath, ["--version"]);
    writeFileSync(join(dir, "latchkey.lock.json"), JSON.stringify({ pid }));
    const ended = start(...again);
    writeFileSync(join(dir, "latchkey.lock.json"), JSON.stringify({ pid: process.pid }));
    const running = start(...again);
    await new Promise((done) => taken.close(done));
    expect([ended.status, ended.stderr]).toEqual([1, expect.stringContaining(`Port ${port} is taken;`)]);
    expect(running.status).toBe(0);
  });

  it.runIf(process.platform === "linux" && process.getuid?.() === 0)(
    "reports a checkout that its user cannot write, and a port that is not for that user",
    () => {
      const clone = join(dir, "clone");
      cpSync(join(root, "scripts"), join(clone, "scripts"), { recursive: true });
      for (const folder of [dir, clone]) chmodSync(folder, 0o755);
      const { status, stderr } = spawnSync(
        process.execPath,
        [join(clone, "scripts/start.mjs"), ...free, "--admin-port", "81", "--data-dir", tmpdir()],
        { encoding: "utf8", uid: 65_534, gid: 65_534 },
      );
      expect(status).toBe(1);
      expect(stderr).toContain(`${clone} cannot be written by this user;`);
      // Containers may give every port to every user.
      if (Number(readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8")) > 81)
        expect(stderr).toContain(
          "Port 81 is not for this user (EACCES); choose another one with --admin-port",
        );
    },
  );

  it("refuses wrong options with 2, all at once, and says which there are", () => {
    const clone = join(dir, "clone");
    cpSync(join(root, "scripts"), join(clone, "scripts"), { recursive: true });
    const { status, stderr } = spawnSync(
      process.execPath,
      [
        join(clone, "scripts/start.mjs"),
        ...["--port", "0", "--grpc-port", "eighty", "--http-engine=fast", "--data-dir", "", "--json=1"],
      ],
      { encoding: "utf8" },
    );
    expect(status).toBe(2);
    expect(stderr.split("\n").slice(0, 7)).toEqual([
      "There is no option --port.",
      '"0" is not an option.',
      "--grpc-port eighty: expected a port from 0 to 65535.",
      "--http-engine fast: expected strict or uws.",
      "--data-dir needs a value: --data-dir <folder>.",
      "--json takes no value.",
      "",
    ]);
    expect(stderr).toContain("--ingress-port <port>");
    expect(readdirSync(clone)).toEqual(["scripts"]);
  });

  it.each([
    [["--ingress-port", "4000"], "--graphql-port and --ingress-port are both 4000."],
    [["--grpc-port=70000"], "--grpc-port 70000: expected a port from 0 to 65535."],
    [["--graphql-port", "0", "--grpc-port", "0", "--json"], undefined],
  ])("finds in %j: %s", (args, problem) => {
    expect(parseDevOptions(args).problems).toEqual(problem === undefined ? [] : [problem]);
  });

  it("knows the options of latchkey dev, their defaults and their choices", () => {
    const program = new Command();
    addDevVerb(program, () => undefined);
    const [dev] = program.commands;
    const options = dev?.options.map(({ long, flags, defaultValue, argChoices }) => [
      long?.slice(2),
      / (<.+>)$/.exec(flags)?.[1],
      defaultValue === false ? undefined : String(defaultValue),
      argChoices,
    ]);
    const known: [string, { value?: string; normal?: string; choices?: string[] }][] =
      Object.entries(DEV_OPTIONS);
    expect(options).toEqual(
      known.map(([name, { value, normal, choices }]) => [name, value, normal, choices]),
    );
  });

  it("refuses a Node.js that is too old", () => {
    const older = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.18.3" } });`;
    const { status, stderr } = spawnSync(
      process.execPath,
      [
        `--import=data:text/javascript,${encodeURIComponent(older)}`,
        join(root, "scripts/start.mjs"),
        "--port",
      ],
      { encoding: "utf8" },
    );
    expect([status, stderr]).toEqual([1, "Latchkey needs Node.js 20.19 or newer; this is 20.18.3.\n"]);
  });

  it.runIf(canMount)("reports a disk with too little space for the data", () => {
    const args = [...free, "--data-dir", join(dir, "data")];
    const { status, stderr } = startBy(
      ["unshare", "--mount", "sh", "-c", `mount -t tmpfs -o size=8m none "$0" && exec "$@"`, dir],
      ...args,
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(new RegExp(`${dir} has \\d MiB free; 64 MiB are needed\\.`));
  });

  it.runIf(canMount)("reports a disk with too little space for what is installed", () => {
    const clone = join(dir, "clone");
    mkdirSync(clone);
    const copied = `mount -t tmpfs -o size=300m none "$0" && cp -r "$1" "$0/scripts" && shift && exec "$@"`;
    const { status, stderr } = spawnSync(
      "unshare",
      [
        ...["--mount", "sh", "-c", copied, clone, join(root, "scripts"), process.execPath],
        ...[join(clone, "scripts/start.mjs"), ...free, "--data-dir", tmpdir()],
      ],
      { encoding: "utf8" },
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(new RegExp(`${clone} has 2\\d\\d MiB free; 1024 MiB are needed\\.`));
  });

  it("passes on free ports and a folder that does not exist yet", () => {
    const { status, stderr } = start(...free, "--data-dir", join(dir, "new", "data"));
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^✓ fine \(\d+\.\d s\)\n$/)]);
  });
});

it("installs in a checkout once at a time, and takes over from a process that was killed", async () => {
  const file = join(dir, "lock");
  const script = `import { lockInstallation } from ${JSON.stringify(join(root, "scripts/lib/install-lock.mjs"))};
    lockInstallation(${JSON.stringify(file)});
    console.log("locked");`;
  const args = ["--input-type=module", "-e"];
  const first = spawn(process.execPath, [...args, `${script} setInterval(() => {}, 1000);`]);
  await once(first.stdout, "data");
  const second = spawnSync(process.execPath, [...args, script], { encoding: "utf8" });
  expect([second.status, second.stdout]).toEqual([1, ""]);
  expect(second.stderr).toContain(`process ${first.pid} is installing here: wait for it, or stop it first`);
  first.kill("SIGKILL");
  await once(first, "exit");
  expect(readFileSync(file, "utf8")).toBe(String(first.pid));
  const third = spawnSync(process.execPath, [...args, script], { encoding: "utf8" });
  expect([third.status, third.stdout]).toEqual([0, "locked\n"]);
  expect(existsSync(file)).toBe(false);
});

it("prints what a command wrote only when its step fails", () => {
  const steps = (code: number) =>
    spawnSync(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `import { runStep, step } from ${JSON.stringify(join(root, "scripts/lib/shell.mjs"))};
         await step("building", async () => {
           await runStep(process.execPath, ["-e", "console.log('noise'); process.exit(${code})"]);
           return "built";
         });`,
      ],
      { encoding: "utf8" },
    );
  const good = steps(0);
  expect([good.status, good.stdout, good.stderr.includes("noise")]).toEqual([0, "", false]);
  const bad = steps(3);
  expect(bad.status).toBe(1);
  expect(bad.stderr).toContain("noise");
  expect(bad.stderr).toMatch(/✗ building: .* ended with 3/);
});

it.skipIf(process.platform === "win32")(
  "ends what a command of a step started when the process gets a signal to stop",
  async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as { port: number };
    const grandchild = `require("node:net").connect(${port}, "127.0.0.1")`;
    const command = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(grandchild)}])`;
    const step = `import { runStep, step } from ${JSON.stringify(join(root, "scripts/lib/shell.mjs"))};
      await step("working", () => runStep(process.execPath, ["-e", ${JSON.stringify(command)}]));`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", step]);
    const [socket] = (await once(server, "connection")) as [Socket];
    socket.on("error", () => undefined).resume();
    const gone = once(socket, "close");
    child.kill("SIGTERM");
    expect((await once(child, "exit"))[0]).toBe(143);
    await gone;
    server.close();
  },
);

it("deletes source maps of packages, and nothing behind a link", () => {
  const workspace = join(dir, "packages/a");
  mkdirSync(workspace, { recursive: true });
  writeFileSync(join(workspace, "own.js.map"), "");
  mkdirSync(join(dir, "node_modules/b/dist"), { recursive: true });
  for (const name of ["index.js", "index.js.map"]) writeFileSync(join(dir, "node_modules/b/dist", name), "");
  symlinkSync(workspace, join(dir, "node_modules/a"));
  trim(join(dir, "node_modules"));
  expect(existsSync(join(dir, "node_modules/b/dist/index.js"))).toBe(true);
  expect(existsSync(join(dir, "node_modules/b/dist/index.js.map"))).toBe(false);
  expect(existsSync(join(workspace, "own.js.map"))).toBe(true);
});

it("leaves the binary of what is compiled, and no objects", () => {
  const release = join(dir, "node_modules/better-sqlite3/build/Release");
  mkdirSync(join(release, "obj/gen"), { recursive: true });
  for (const file of ["better_sqlite3.node", "sqlite3.a", "obj/gen/sqlite3.c"])
    writeFileSync(join(release, file), "");
  expect(trimCompiled(join(dir, "node_modules")), "was compiled").toBe(true);
  expect(readdirSync(release)).toEqual(["better_sqlite3.node"]);
  expect(trimCompiled(join(dir, "node_modules")), "was downloaded").toBe(false);
});

describe("the bill of materials", () => {
  const component = (name: string) => ({ "bom-ref": `${name}@1.0.0`, name, purl: `pkg:npm/${name}@1.0.0` });
  const project = { "bom-ref": "bill@0.0.0", name: "bill" };
  const path = { type: "distribution", url: "file:/somewhere/latchkey-1.0.0.tgz" };
  const bill = {
    metadata: { component: project },
    components: [{ ...component("latchkey"), externalReferences: [path] }, component("pino")],
    dependencies: [
      { ref: "bill@0.0.0", dependsOn: ["latchkey@1.0.0"] },
      { ref: "latchkey@1.0.0", dependsOn: ["pino@1.0.0"] },
      { ref: "pino@1.0.0", dependsOn: [] },
    ],
  };

  it("is the command's, with what is installed and what is bundled, and no path of this machine", () => {
    const licenses = writeLicenses([
      { name: "@x/sampler", version: "2.0.0", license: "MIT", text: "Permission is …\n" },
      { name: "pino", version: "1.0.0", license: "(MIT OR Apache-2.0)", text: "Permission is …" },
    ]);
    const shipped = shippedBill(bill, readLicenses(licenses));
    expect(shipped.metadata.component).toMatchObject({ name: "latchkey", type: "application" });
    expect(shipped.components.map(({ purl }: { purl: string }) => purl)).toEqual([
      "pkg:npm/pino@1.0.0",
      "pkg:npm/%40x/sampler@2.0.0",
    ]);
    expect(shipped.dependencies).toEqual([
      { ref: "latchkey@1.0.0", dependsOn: ["pino@1.0.0", "@x/sampler@2.0.0"] },
      { ref: "pino@1.0.0", dependsOn: [] },
      { ref: "@x/sampler@2.0.0", dependsOn: [] },
    ]);
    expect(JSON.stringify(shipped)).not.toContain("file:");
  });
});
