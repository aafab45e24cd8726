/** What a client certificate and its private key must be. Pure; messages quote neither. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** The certificates in a PEM text, the first one first; null: it has none, or one that cannot be read. */
export function certificatesIn(pem: string): readonly X509Certificate[] | null {
  const blocks = pem.match(CERTIFICATE);
  try {
    return blocks?.map((block) => new X509Certificate(block)) ?? null;
  } catch {
    return null;
  }
}

/** The private key in a PEM text, which may hold certificates too; null: it has none without a passphrase. */
export function privateKeyIn(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem.replace(CERTIFICATE, ""));
  } catch {
    return null;
  }
}

/**
 * Whether the key belongs to the first certificate.
 * @param certificate PEM; empty: the secret holds it
 * @param secret the private key as PEM
 */
export function isPair(certificate: string, secret: string): boolean {
  const key = privateKeyIn(secret);
  const [first] = certificatesIn(certificate === "" ? secret : certificate) ?? [];
  return key !== null && first?.checkPrivateKey(key) === true;
}
