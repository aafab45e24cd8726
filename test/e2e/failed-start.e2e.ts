/** A process that cannot start says what is wrong in one line, and ends with 1: its supervisor waits for that. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { firstTestCertificate, secondTestCertificate, startProcess } from "@latchkey/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { latchkeyCommand } from "../support/stack.js";

const folder = mkdtempSync(join(tmpdir(), "latchkey-failed-start-"));
const path = (name: string): string => join(folder, name);
const taken: Server = createServer();
let port = 0;

beforeAll(async () => {
  writeFileSync(path("cert.pem"), firstTestCertificate.cert);
  writeFileSync(path("key.pem"), firstTestCertificate.key);
  writeFileSync(path("other-key.pem"), secondTestCertificate.key);
  writeFileSync(path("rubbish"), "rubbish\n");
  mkdirSync(path("damaged"));
  writeFileSync(path("damaged/latchkey.db"), "rubbish".repeat(5_000));
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  ({ port } = taken.address() as { port: number });
});

afterAll(async () => {
  await new Promise((resolve) => taken.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

const CONTROL_PLANE = "LATCHKEY_CONTROL_PLANE_";
const INGRESS = "LATCHKEY_INGRESS_";
const bases = {
  "control-plane": () => ({
    [`${CONTROL_PLANE}DATA_DIR`]: path("control-plane"),
    [`${CONTROL_PLANE}HTTP_PORT`]: "0",
    [`${CONTROL_PLANE}GRPC_PORT`]: "0",
    [`${CONTROL_PLANE}ADMIN_TOKEN`]: "an-admin-token-of-the-tests-that-is-long",
  }),
  ingress: () => ({
    [`${INGRESS}DATA_DIR`]: path("ingress"),
    [`${INGRESS}PORT`]: "0",
    [`${INGRESS}ADMIN_PORT`]: "0",
    [`${INGRESS}CONTROL_PLANE_TOKEN`]: "a-token",
  }),
};

interface Case {
  readonly verb: keyof typeof bases;
  readonly what: string;
  readonly env: () => Readonly<Record<string, string>>;
  readonly says: () => string;
}

const controlPlane = (what: string, env: Case["env"], says: Case["says"]): Case => ({
  verb: "control-plane",
  what,
  env: () => prefixed(CONTROL_PLANE, env()),
  says,
});
const ingress = (what: string, env: Case["env"], says: Case["says"]): Case => ({
  verb: "ingress",
  what,
  env: () => prefixed(INGRESS, env()),
  says,
});

function prefixed(prefix: string, env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [prefix + name, value]));
}

it.each([
  controlPlane(
    "the gRPC port is taken",
    () => ({ GRPC_PORT: String(port) }),
    () => `port ${port} on 127.0.0.1 is taken; set another gRPC port with ${CONTROL_PLANE}GRPC_PORT`,
  ),
  controlPlane(
    "the HTTP port is taken",
    () => ({ HTTP_PORT: String(port) }),
    () => `port ${port} on 127.0.0.1 is taken; set another HTTP port with ${CONTROL_PLANE}HTTP_PORT`,
  ),
  controlPlane(
    "the key is not the certificate's",
    () => ({ HTTP_TLS_CERT_FILE: path("cert.pem"), HTTP_TLS_KEY_FILE: path("other-key.pem") }),
    () =>
      `http.tlsKeyFile: ${path("other-key.pem")} is not the key of the certificate in ${path("cert.pem")}`,
  ),
  controlPlane(
    "the authority of nodes has no certificate",
    () => ({
      GRPC_TLS_CERT_FILE: path("cert.pem"),
      GRPC_TLS_KEY_FILE: path("key.pem"),
      GRPC_CLIENT_CA_FILE: path("rubbish"),
    }),
    () => `grpc.clientCaFile: ${path("rubbish")} holds no usable PEM certificate`,
  ),
  controlPlane(
    "the signing key is of another kind",
    () => ({ GRPC_SIGNING_KEY_FILE: path("key.pem") }),
    () => `grpc.signingKeyFile: ${path("key.pem")} holds no Ed25519 private key in PEM`,
  ),
  controlPlane(
    "the data folder is a file",
    () => ({ DATA_DIR: path("rubbish") }),
    () => `dataDir: ${path("rubbish")} cannot be used: EEXIST`,
  ),
  controlPlane(
    "the database is none",
    () => ({ DATA_DIR: path("damaged") }),
    () => "the file is not an SQLite database",
  ),
  controlPlane(
    "no PostgreSQL listens there",
    () => ({ DATABASE_URL: "postgres://nobody@127.0.0.1:9/none" }),
    () => "the database cannot be used (connect ECONNREFUSED 127.0.0.1:9)",
  ),
  ingress(
    "the admin port is taken",
    () => ({ ADMIN_PORT: String(port) }),
    () => `port ${port} on 127.0.0.1 is taken; set another admin port with ${INGRESS}ADMIN_PORT`,
  ),
  ingress(
    "the admin port is taken, with workers",
    () => ({ ADMIN_PORT: String(port), WORKERS: "2" }),
    () => `port ${port} on 127.0.0.1 is taken; set another admin port with ${INGRESS}ADMIN_PORT`,
  ),
  ingress(
    "the host is no address of this machine, with workers",
    () => ({ HOST: "203.0.113.9", WORKERS: "2" }),
    () =>
      `203.0.113.9 is no address of this machine (EADDRNOTAVAIL); set another client host with ${INGRESS}HOST`,
  ),
  ingress(
    "the certificate cannot be read, with workers",
    () => ({ TLS_CERT_FILE: path("absent"), TLS_KEY_FILE: path("key.pem"), WORKERS: "2" }),
    () => `tls.certFile: ${path("absent")} cannot be read (ENOENT)`,
  ),
  ingress(
    "the control plane's authority cannot be read",
    () => ({ CONTROL_PLANE_CA_FILE: path("absent") }),
    () => `controlPlane.caFile: ${path("absent")} cannot be read (ENOENT)`,
  ),
  ingress(
    "the key for the control plane is not its certificate's",
    () => ({
      CONTROL_PLANE_CA_FILE: path("cert.pem"),
      CONTROL_PLANE_CERT_FILE: path("cert.pem"),
      CONTROL_PLANE_KEY_FILE: path("other-key.pem"),
    }),
    () => `controlPlane.keyFile: ${path("other-key.pem")} is not the key of the certificate in`,
  ),
  ingress(
    "the data folder is a file",
    () => ({ DATA_DIR: path("rubbish") }),
    () => `dataDir: ${path("rubbish")} cannot be used: EEXIST`,
  ),
])("$verb ends with 1 when $what", { timeout: 120_000 }, async ({ verb, env, says }) => {
  await using latchkey = startProcess({
    args: [latchkeyCommand, verb],
    env: { ...bases[verb](), ...env() },
  });
  expect(await latchkey.exited).toEqual({ code: 1, signal: null });
  expect(latchkey.stderr).toContain(says());
});
