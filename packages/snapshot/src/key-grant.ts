/**
 * Data keys on their way to one node: HPKE (RFC 9180) base mode to the node's X25519 key. Who only carries a grant cannot
 * read it. Does not authenticate the sender: the stream does.
 */
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import { ENCRYPTION_KEY_BYTES } from "./secret-cipher.js";

export interface KeyGrantValue {
  readonly encapsulatedKey: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** Raw X25519 keys. */
export interface GrantKeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

export const GRANT_KEY_BYTES = 32;
const INFO = new TextEncoder().encode("latchkey key grant");
/** The present key and the one before. */
const DATA_KEYS_MAX = 2;

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

export async function newGrantKeyPair(): Promise<GrantKeyPair> {
  const { publicKey, privateKey } = await suite.kem.generateKeyPair();
  return {
    publicKey: new Uint8Array(await suite.kem.serializePublicKey(publicKey)),
    privateKey: new Uint8Array(await suite.kem.serializePrivateKey(privateKey)),
  };
}

/** @throws Error when the public key is not fit */
export async function encryptKeyGrant(
  dataKeys: readonly Uint8Array[],
  publicKey: Uint8Array,
): Promise<KeyGrantValue> {
  const recipientPublicKey = await suite.kem.deserializePublicKey(exactly(publicKey));
  const { enc, ct } = await suite.seal({ recipientPublicKey, info: INFO }, exactly(Buffer.concat(dataKeys)));
  return { encapsulatedKey: new Uint8Array(enc), ciphertext: new Uint8Array(ct) };
}

/** The data keys, the present one first. @throws Error when the grant is for another key pair, or damaged */
export async function decryptKeyGrant(grant: KeyGrantValue, pair: GrantKeyPair): Promise<readonly Buffer[]> {
  const recipientKey = {
    publicKey: await suite.kem.deserializePublicKey(exactly(pair.publicKey)),
    privateKey: await suite.kem.deserializePrivateKey(exactly(pair.privateKey)),
  };
  const plaintext = Buffer.from(
    await suite.open(
      { recipientKey, enc: exactly(grant.encapsulatedKey), info: INFO },
      exactly(grant.ciphertext),
    ),
  );
  const count = plaintext.length / ENCRYPTION_KEY_BYTES;
  if (!Number.isInteger(count) || count < 1 || count > DATA_KEYS_MAX)
    throw new RangeError(`a key grant has one or two data keys, not ${plaintext.length} bytes`);
  return Array.from({ length: count }, (_, i) =>
    plaintext.subarray(i * ENCRYPTION_KEY_BYTES, (i + 1) * ENCRYPTION_KEY_BYTES),
  );
}

/** A memory of its own: the library reads whole buffers, and bytes of the stream are views. */
function exactly(bytes: Uint8Array): ArrayBuffer {
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  return copy.buffer;
}
