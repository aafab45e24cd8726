// What `npm start` checks before it installs anything: Node.js, its options, the ports, the data folder, and the disk. Every
// problem is reported at once.
// A default import: a Node.js that is too old has no statfsSync, and is to be told so.
import fs from "node:fs";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { PORT_OPTIONS } from "./dev-options.mjs";
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
  const problems = [...checkDataFolder(dataDir), ...checkDisk(dataDir)];
  // A start that runs on this folder has its ports; `latchkey dev` names its process.
  if (!fs.existsSync(join(dataDir, "latchkey.lock"))) problems.push(...(await checkPorts(options)));
  if (problems.length > 0) throw new StepError(problems.join("\n  "));
}

async function checkPorts(options) {
  const problems = await Promise.all(
    PORT_OPTIONS.map(async (name) => {
      const port = Number(options[name]);
      if (port === 0 || (await isFree(port))) return [];
      return [`Port ${port} is taken; choose another one with --${name} <port>.`];
    }),
  );
  return problems.flat();
}

function isFree(port) {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", (error) => done(error.code !== "EADDRINUSE"));
    server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
  });
}

function checkDataFolder(dataDir) {
  const there = nearest(dataDir);
  if (!fs.statSync(there).isDirectory())
    return [`${there} is a file; choose another data folder with --data-dir <folder>.`];
  try {
    fs.accessSync(there, fs.constants.W_OK);
    return [];
  } catch {
    return [`${there} cannot be written; choose another data folder with --data-dir <folder>.`];
  }
}

function checkDisk(dataDir) {
  const places = [[nearest(dataDir), DATA_BYTES]];
  if (!fs.existsSync(join(root, "node_modules", ".package-lock.json"))) places.push([root, INSTALL_BYTES]);
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
