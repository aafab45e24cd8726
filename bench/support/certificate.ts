/** Certificates of the benchmark, one of each kind, made with openssl for the run: the same for all contenders. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type CertificateKind = "ecdsa" | "rsa";

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** Both in one file, as HAProxy reads it. */
  readonly bothFile: string;
}

const KEY_ARGS: Readonly<Record<CertificateKind, readonly string[]>> = {
  ecdsa: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
  rsa: ["-newkey", "rsa:2048"],
};

export function makeCertificate(dir: string, kind: CertificateKind): CertificateFiles {
  const [certFile, keyFile, bothFile] = ["crt", "key", "pem"].map((end) => join(dir, `${kind}.${end}`)) as [
    string,
    string,
    string,
  ];
  const subject = ["-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", keyFile, "-out", certFile];
  execFileSync("openssl", ["req", "-x509", ...KEY_ARGS[kind], ...subject], { stdio: "ignore" });
  writeFileSync(bothFile, readFileSync(certFile, "utf8") + readFileSync(keyFile, "utf8"));
  return { certFile, keyFile, bothFile };
}
