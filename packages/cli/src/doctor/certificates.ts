/** Certificates that the settings name: readable, with their keys, and valid for some time. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { counted } from "../format/counted.js";
import { type Finding, ok, problem, warning } from "./finding.js";

const DAY_MS = 86_400_000;
const DAYS_LEFT_MIN = 14;

/** Every variable `LATCHKEY_…_FILE` that names a certificate or an authority. */
export function checkCertificates(env: NodeJS.ProcessEnv, nowMs: number): Finding[] {
  return Object.entries(env)
    .filter(([name, file]) => /^LATCHKEY_\w+_(?:CERT|CA)_FILE$/.test(name) && file)
    .map(([name, file = ""]) => checkFile(name, file, env, nowMs));
}

function checkFile(name: string, file: string, env: NodeJS.ProcessEnv, nowMs: number): Finding {
  const subject = `certificate ${name}`;
  try {
    const renewal = "Renew it, then send SIGHUP to the process.";
    const pem = readFileSync(file);
    const keyName = name.replace(/_CERT_FILE$/, "_KEY_FILE");
    const keyFile = keyName === name ? undefined : env[keyName];
    if (keyFile && !isKeyOf(pem, keyFile))
      return problem(
        subject,
        `${file}: ${keyName} (${keyFile}) is not its key`,
        `Set ${keyName} to the certificate's PEM key, readable by this user.`,
      );
    return certificateFinding({ subject, what: file, pem, nowMs, renewal });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return problem(subject, `${file}: ${reason}`, `Set ${name} to a PEM file that this user can read.`);
  }
}

function isKeyOf(certificate: Buffer, keyFile: string): boolean {
  const first = new X509Certificate(certificate);
  try {
    return first.checkPrivateKey(createPrivateKey(readFileSync(keyFile)));
  } catch {
    return false; // not there, or no key
  }
}

interface CertificateFacts {
  readonly subject: string;
  /** As a message begins. */
  readonly what: string;
  readonly pem: string | Buffer;
  readonly nowMs: number;
  /** What to do when it ends. */
  readonly renewal: string;
}

/** Whether it is valid, and for how long. @throws Error when it cannot be read */
export function certificateFinding({ subject, what, pem, nowMs, renewal }: CertificateFacts): Finding {
  const { validTo, validFrom } = new X509Certificate(pem);
  const daysLeft = Math.floor((Date.parse(validTo) - nowMs) / DAY_MS);
  if (Date.parse(validFrom) > nowMs)
    return problem(
      subject,
      `${what} is valid from ${validFrom}`,
      "Check the clock, or use another certificate.",
    );
  if (daysLeft < 0) return problem(subject, `${what} expired on ${validTo}`, renewal);
  if (daysLeft < DAYS_LEFT_MIN)
    return warning(
      subject,
      daysLeft === 0 ? `${what} expires today` : `${what} expires in ${counted(daysLeft, "day")}`,
      renewal,
    );
  return ok(subject, `${what}, valid for ${daysLeft} days`);
}
