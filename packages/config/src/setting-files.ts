/**
 * Reads the files that settings name, most of them PEM. An error says the setting, the file and what is wrong with it, since those of
 * OpenSSL name neither.
 */
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";

/** A setting and the file that it names. */
export interface SettingFile {
  readonly setting: string;
  readonly path: string;
}

export class SettingFileError extends Error {
  override readonly name = "SettingFileError";

  constructor({ setting, path }: SettingFile, problem: string, cause?: unknown) {
    super(`${setting}: ${path} ${problem}`, { cause });
  }
}

/**
 * Runs what needs a folder that a setting names. Node.js says nothing of the setting, and on a full disk nothing of the folder.
 * @param isOfFolder whether it is the folder's fault, its owner's or its disk's
 * @throws SettingFileError then
 */
export async function inFolder<T>(
  folder: SettingFile,
  use: () => T | Promise<T>,
  isOfFolder: (error: Error) => boolean = isSystemError,
): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (!(error instanceof Error) || !isOfFolder(error)) throw error;
    throw new SettingFileError(folder, `cannot be used: ${error.message}`, error);
  }
}

/** The operating system refused something. */
export function isSystemError(error: Error): boolean {
  return "syscall" in error;
}

export interface CertificateAndKey {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** One certificate or several. Without this check a file without any is taken by Node.js as an authority that nobody has. */
export function readCertificates(file: SettingFile): Buffer {
  const bytes = read(file);
  parsed(file, "holds no usable PEM certificate", () => createSecureContext({ cert: bytes }));
  return bytes;
}

export function readCertificateAndKey(certFile: SettingFile, keyFile: SettingFile): CertificateAndKey {
  const cert = readCertificates(certFile);
  const key = read(keyFile);
  const privateKey = parsed(keyFile, "holds no usable PEM private key without a passphrase", () =>
    createPrivateKey(key),
  );
  if (!new X509Certificate(cert).checkPrivateKey(privateKey))
    throw new SettingFileError(keyFile, `is not the key of the certificate in ${certFile.path}`);
  return { cert, key };
}

export function readEd25519PrivateKey(file: SettingFile): KeyObject {
  return ed25519(file, "private", createPrivateKey);
}

export function readEd25519PublicKey(file: SettingFile): KeyObject {
  return ed25519(file, "public", createPublicKey);
}

export function readJson(file: SettingFile): unknown {
  const bytes = read(file);
  return parsed(file, "holds no JSON", () => JSON.parse(bytes.toString()) as unknown);
}

function ed25519(
  file: SettingFile,
  half: "private" | "public",
  parse: (pem: Buffer) => KeyObject,
): KeyObject {
  const bytes = read(file);
  const problem = `holds no Ed25519 ${half} key in PEM`;
  const key = parsed(file, problem, () => parse(bytes));
  if (key.asymmetricKeyType !== "ed25519") throw new SettingFileError(file, problem);
  return key;
}

function read(file: SettingFile): Buffer {
  try {
    return readFileSync(file.path);
  } catch (cause) {
    throw new SettingFileError(file, `cannot be read (${(cause as NodeJS.ErrnoException).code})`, cause);
  }
}

function parsed<T>(file: SettingFile, problem: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    // The code of OpenSSL's errors, never a message: that of a JSON error repeats the file.
    const { code } = cause as NodeJS.ErrnoException;
    throw new SettingFileError(file, code === undefined ? problem : `${problem} (${code})`, cause);
  }
}
