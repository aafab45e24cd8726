// What `npm start` checks before it installs anything: Node.js, its options, the ports, the data folder, and the disk. Every
// problem is reported at once.
// A default import: a Node.js that is too old has no statfsSync, and is to be told so.
import fs from "node:fs";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { PORT_OPTIONS } from "./dev-options.mjs";
import { isRunning } from "./is-running.mjs";
import { note, root, StepError } from "./shell.mjs";

const NODE_MINIMUM = [20, 19];
const MIB = 1024 * 1024;
/** Dependencies and what is built from them; and what the database and the nodes' files start with. */
const INSTALL_BYTES = 1024 * MIB;
const DATA_BYTES = 64 * MIB;

/** Ends the process with one line on a Node.js that is too old. */
export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > NODE_MINIMUM[0] || (major === NODE_MINIMUM[0] && minor >= NODE_MINIMUM[1])) return;
  note(`Latchkey needs Node.js ${NODE_MINIMUM.join(".")} or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

/**
 * @param options what `readDevOptions` returned
 * @throws StepError that names every problem and the option that changes it
 */
export async function checkMachine(options) {
  const dataDir = resolve(options["data-dir"]);
  const problems = [...checkDataFolder(dataDir), ...checkCheckout(), ...checkDisk(dataDir)];
  if (!isInUse(dataDir)) problems.push(...(await checkPorts(options)));
  if (problems.length > 0) throw new StepError(problems.join("\n  "));
}

/**
 * Whether the process that last locked the data folder still runs: it has these ports, and `latchkey dev` names it. Its files stay when
 * it ends.
 */
function isInUse(dataDir) {
  try {
    const { pid } = JSON.parse(fs.readFileSync(join(dataDir, "latchkey.lock.json"), "utf8"));
    return isRunning(pid);
  } catch {
    return false;
  }
}

async function checkPorts(options) {
  const problems = await Promise.all(
    PORT_OPTIONS.map(async (name) => {
      const port = Number(options[name]);
      const why = port === 0 ? null : await whyUnusable(port);
      return why === null ? [] : [`Port ${port} ${why}; choose another one with --${name} <port>.`];
    }),
  );
  return problems.flat();
}

const UNUSABLE = { EADDRINUSE: "is taken", EACCES: "is not for this user (EACCES)" };

/** As `latchkey dev` words it; null for a port that can be had. */
function whyUnusable(port) {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", (error) => done(UNUSABLE[error.code] ?? null));
    server.listen(port, "127.0.0.1", () => server.close(() => done(null)));
  });
}

function checkDataFolder(dataDir) {
  const there = nearest(dataDir);
  if (!fs.statSync(there).isDirectory())
    return [`${there} is a file; choose another data folder with --data-dir <folder>.`];
  if (isWritable(there)) return [];
  return [`${there} cannot be written; choose another data folder with --data-dir <folder>.`];
}

/** Dependencies are installed there. */
function checkCheckout() {
  if (isInstalled() || isWritable(root)) return [];
  return [`${root} cannot be written by this user; make it theirs, or clone it as this user.`];
}

function isWritable(folder) {
  try {
    fs.accessSync(folder, fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function isInstalled() {
  return fs.existsSync(join(root, "node_modules", ".package-lock.json"));
}

function checkDisk(dataDir) {
  const places = [[nearest(dataDir), DATA_BYTES]];
  if (!isInstalled()) places.push([root, INSTALL_BYTES]);
  return places.flatMap(([folder, needed]) => {
    const { bavail, bsize } = fs.statfsSync(folder);
    const free = bavail * bsize;
    if (free >= needed) return [];
    return [`${folder} has ${Math.floor(free / MIB)} MiB free; ${needed / MIB} MiB are needed.`];
  });
}

/** The folder, or the nearest one around it that exists. */
function nearest(folder) {
  return fs.existsSync(folder) ? folder : nearest(dirname(folder));
}
