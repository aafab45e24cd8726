/** Node.js, the libc that the engine uws needs, and the ports of `latchkey dev`. */
import { connect } from "node:net";
import { type Finding, ok, problem, warning } from "./finding.js";

const NODE_MINIMUM = [20, 19] as const;
/** The release line that image and documents use. */
const NODE_RECOMMENDED = 24;
const CONNECT_MS = 1_000;

export function checkNode(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [minMajor, minMinor] = NODE_MINIMUM;
  if (major < minMajor || (major === minMajor && minor < minMinor))
    return problem(
      "node.js",
      `${version} is too old`,
      `Install Node.js ${NODE_RECOMMENDED}, or ${NODE_MINIMUM.join(".")} at least.`,
    );
  if (major < NODE_RECOMMENDED)
    return warning(
      "node.js",
      `${version} works; the image and the documents use ${NODE_RECOMMENDED}`,
      `Install Node.js ${NODE_RECOMMENDED}.`,
    );
  return ok("node.js", version);
}

/** A control plane without PostgreSQL needs it. */
export async function checkSqlite(): Promise<Finding> {
  const { sqliteVersion } = await import("@latchkey/control-plane/sqlite-addon");
  try {
    return ok("sqlite", sqliteVersion());
  } catch (error) {
    return problem("sqlite", "cannot be loaded", `${(error as Error).message}.`);
  }
}

export async function checkUws(): Promise<Finding> {
  const { hasUwsBuild, loadedUws, thisMachine, uwsAdvice } = await import("@latchkey/ingress");
  const machine = thisMachine();
  const libc = machine.glibc === null ? machine.platform : `glibc ${machine.glibc}`;
  const loaded = loadedUws();
  if (loaded !== null) return ok("engine uws", `${loaded} loads (${libc})`);
  const hint = hasUwsBuild(machine)
    ? "not installed; only --http-engine uws needs it"
    : "no build for this machine";
  return ok("engine uws", `${hint}. ${uwsAdvice(machine).replaceAll(/\n\s*/g, " ")}`);
}

/** Who listens on the ports that `latchkey dev` takes: Latchkey, another process, or none. */
export async function checkPorts(ports: Readonly<Record<string, number>>): Promise<Finding[]> {
  return await Promise.all(
    Object.entries(ports).map(async ([option, port]) => {
      const subject = `port ${port}`;
      if (!(await isTaken(port))) return ok(subject, "free");
      if (option === "--grpc-port" || (await speaksLatchkey(port))) return ok(subject, "in use by Latchkey");
      return warning(
        subject,
        "in use by another program",
        `Stop that program, or start with ${option} <port>.`,
      );
    }),
  );
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: CONNECT_MS });
    const end = (taken: boolean) => {
      socket.destroy();
      done(taken);
    };
    socket.once("connect", () => end(true));
    socket.once("timeout", () => end(false));
    socket.once("error", () => end(false));
  });
}

/** The control plane has a health check, and an ingress refuses a request without a key with an error of its own. */
async function speaksLatchkey(port: number): Promise<boolean> {
  const { GATEWAY_ERROR_FIELD } = await import("@latchkey/core"); // not for every command
  const signal = AbortSignal.timeout(CONNECT_MS);
  const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal, redirect: "manual" }).catch(
    () => null,
  );
  await response?.body?.cancel().catch(() => undefined);
  return response !== null && (response.status === 200 || response.headers.has(GATEWAY_ERROR_FIELD));
}
