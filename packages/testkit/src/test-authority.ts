/** A certificate authority and what it signs, made by openssl. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface IssuedCertificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Whether openssl is there. */
export function hasOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

export class TestAuthority implements Disposable {
  readonly #dir = mkdtempSync(join(tmpdir(), "latchkey-ca-"));
  readonly certificate: Buffer;
  #count = 0;

  constructor(name: string) {
    this.#openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")(
      "-keyout",
      "ca.key",
      "-out",
      "ca.pem",
      "-days",
      "2",
      "-subj",
      `/CN=${name}`,
    );
    this.certificate = readFileSync(join(this.#dir, "ca.pem"));
  }

  /** A certificate for loopback. @param days that it lives; negative: it expired so long ago */
  issue(name: string, days = 1): IssuedCertificate {
    const base = `cert${++this.#count}`;
    this.#openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")(
      "-keyout",
      `${base}.key`,
      "-out",
      `${base}.csr`,
      "-subj",
      `/CN=${name}`,
      "-addext",
      "subjectAltName=IP:127.0.0.1,DNS:localhost",
    );
    this.#openssl(
      "x509",
      "-req",
      "-in",
      `${base}.csr`,
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
    )("-out", `${base}.pem`, "-days", String(days), "-copy_extensions", "copy");
    const read = (suffix: string): Buffer => readFileSync(join(this.#dir, `${base}.${suffix}`));
    return { cert: read("pem"), key: read("key") };
  }

  [Symbol.dispose](): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #openssl(...head: readonly string[]) {
    return (...tail: readonly string[]): void => {
      execFileSync("openssl", [...head, ...tail], { cwd: this.#dir, stdio: "pipe" });
    };
  }
}
