// What a handshake shows after a reload: packages/http1/src/tls.test.ts.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@latchkey/observe";
import { firstTestCertificate, secondTestCertificate } from "@latchkey/testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readClientTls } from "../files.js";
import { CertificateWatch } from "./certificate-watch.js";
import type { EngineTls } from "./front-request.js";

let directory: string;
let files: EngineTls;
let watch: CertificateWatch;
/** Certificates that the engine took, and lines of the log, in order. */
let events: string[];
let wake = (): void => {};

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "latchkey-watch-"));
  files = { certFile: join(directory, "tls.crt"), keyFile: join(directory, "tls.key") };
  events = [];
  put(firstTestCertificate.cert, firstTestCertificate.key);
  const add = (event: string): void => {
    events.push(event);
    wake();
  };
  const engine = {
    name: "strict",
    reloadTls: (tls: EngineTls) => add(`took ${readClientTls(tls).cert.toString()}`),
  } as const;
  const stream = { write: (line: string) => add((JSON.parse(line) as { readonly msg: string }).msg) };
  watch = new CertificateWatch(engine, files, createLogger({ name: "test", level: "warn", stream }));
  watch.start(5);
});
afterEach(() => {
  watch.stop();
  rmSync(directory, { recursive: true });
});

/** As renewals do: new files take the place of the old ones. */
function put(cert: string, key: string): void {
  for (const [path, text] of [
    [files.keyFile, key],
    [files.certFile, cert],
  ] as const) {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  }
}

async function until(last: string): Promise<void> {
  while (events.at(-1) !== last)
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
}

it("gives the engine a renewed certificate by itself", async () => {
  put(secondTestCertificate.cert, secondTestCertificate.key);
  await until(`took ${secondTestCertificate.cert}`);
});

it("leaves the engine alone with files that cannot be used, says so, and takes the next ones", async () => {
  writeFileSync(files.certFile, secondTestCertificate.cert); // the key is the first one's
  await until("the new certificate cannot be used; the old one stays");
  expect(events.filter((event) => event.startsWith("took"))).toEqual([]);
  put(secondTestCertificate.cert, secondTestCertificate.key);
  await until(`took ${secondTestCertificate.cert}`);
});

it("says once that a file is away, and takes the one that comes", async () => {
  rmSync(files.certFile);
  const away = "the certificate files cannot be looked at; the old certificate stays";
  await until(away);
  put(secondTestCertificate.cert, secondTestCertificate.key);
  await until(`took ${secondTestCertificate.cert}`);
  expect(events.filter((event) => event === away)).toHaveLength(1);
});
