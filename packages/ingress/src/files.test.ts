import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  readCertificateAndKey,
  readCertificates,
  readEd25519PrivateKey,
  readEd25519PublicKey,
  readJson,
  SettingFileError,
} from "@latchkey/config";
import { createLogger } from "@latchkey/observe";
import { firstTestCertificate, secondTestCertificate } from "@latchkey/testkit";
import { afterAll, describe, expect, it } from "vitest";
import { resolveIngressConfig } from "./config.js";
import { checkFiles, StreamCredentials } from "./files.js";

const folder = mkdtempSync(join(tmpdir(), "latchkey-setting-files-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): { setting: string; path: string } {
  const path = join(folder, name);
  writeFileSync(path, text);
  return { setting: "a.setting", path };
}

const first = firstTestCertificate;
const second = secondTestCertificate;
const ed25519 = generateKeyPairSync("ed25519", {
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
const rubbish = file("rubbish", "a secret that is no PEM\n");
const absent = { setting: "a.setting", path: join(folder, "absent") };
const directory = { setting: "a.setting", path: folder };
const cert = file("cert.pem", first.cert);
const key = file("key.pem", first.key);
const otherKey = file("other-key.pem", second.key);

describe("a file that a setting names", () => {
  it("is returned when it is fit", () => {
    expect(String(readCertificates(file("two.pem", first.cert + second.cert)))).toBe(
      first.cert + second.cert,
    );
    expect(readCertificateAndKey(cert, key)).toEqual({
      cert: Buffer.from(first.cert),
      key: Buffer.from(first.key),
    });
    expect(readEd25519PrivateKey(file("signing.pem", ed25519.privateKey)).type).toBe("private");
    expect(readEd25519PublicKey(file("public.pem", ed25519.publicKey)).type).toBe("public");
    expect(readJson(file("keys.json", '{"keys":[]}'))).toEqual({ keys: [] });
  });

  it.each([
    ["that is not there", () => readCertificates(absent), `${absent.path} cannot be read (ENOENT)`],
    ["that is a folder", () => readCertificates(directory), `${folder} cannot be read (EISDIR)`],
    [
      "without a certificate, also of an authority, which Node.js takes as one that nobody has",
      () => readCertificates(rubbish),
      `${rubbish.path} holds no usable PEM certificate (ERR_OSSL_PEM_NO_START_LINE)`,
    ],
    [
      "without a key",
      () => readCertificateAndKey(cert, rubbish),
      `${rubbish.path} holds no usable PEM private key without a passphrase`,
    ],
    [
      "with another certificate's key",
      () => readCertificateAndKey(cert, otherKey),
      `${otherKey.path} is not the key of the certificate in ${cert.path}`,
    ],
    [
      "with a key of another kind",
      () => readEd25519PrivateKey(key),
      `${key.path} holds no Ed25519 private key in PEM`,
    ],
    [
      "without a public key",
      () => readEd25519PublicKey(rubbish),
      `${rubbish.path} holds no Ed25519 public key in PEM`,
    ],
    ["without JSON", () => readJson(rubbish), `${rubbish.path} holds no JSON`],
  ])(
    "%s is named with its setting and its fault, and its content is not repeated",
    (_what, read, message) => {
      expect(read).toThrow(SettingFileError);
      expect(read).toThrow(`a.setting: ${message}`);
      expect(read).not.toThrow("a secret");
    },
  );
});

describe("the files of a node", () => {
  it("are checked before anything is opened", () => {
    const config = (input: Parameters<typeof resolveIngressConfig>[0]) => () =>
      checkFiles(resolveIngressConfig(input));
    const { path } = rubbish;
    expect(config({ tls: { certFile: cert.path, keyFile: key.path } })).not.toThrow();
    expect(config({ tls: { certFile: path, keyFile: key.path } })).toThrow(`tls.certFile: ${path}`);
    expect(config({ upstreams: { caFile: path } })).toThrow(`upstreams.caFile: ${path}`);
    expect(config({ controlPlane: { caFile: path } })).toThrow(`controlPlane.caFile: ${path}`);
    expect(config({ controlPlane: { publicKeyFile: path } })).toThrow(`controlPlane.publicKeyFile: ${path}`);
  });

  it("that cannot be read when the stream opens again leave what was read before, and are named in the log", () => {
    const authority = file("authority.pem", first.cert).path;
    const lines: string[] = [];
    const log = createLogger({ name: "test", stream: { write: (line: string) => void lines.push(line) } });
    const credentials = new StreamCredentials(
      resolveIngressConfig({ controlPlane: { caFile: authority } }),
      log,
    );
    const before = credentials.read();
    rmSync(authority);
    expect(credentials.read()).toBe(before);
    expect(lines.join("")).toContain(`controlPlane.caFile: ${authority} cannot be read (ENOENT)`);
    file("authority.pem", second.cert);
    expect(credentials.read()).not.toBe(before);
  });
});
