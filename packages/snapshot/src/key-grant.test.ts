import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { decryptKeyGrant, encryptKeyGrant, newGrantKeyPair } from "./key-grant.js";
import { DecryptError, SecretCipher } from "./secret-cipher.js";

it("gives data keys to the owner of the key pair", async () => {
  const pair = await newGrantKeyPair();
  const keys = [randomBytes(32), randomBytes(32)];
  expect(await decryptKeyGrant(await encryptKeyGrant(keys, pair.publicKey), pair)).toEqual(keys);
  expect(await decryptKeyGrant(await encryptKeyGrant(keys.slice(1), pair.publicKey), pair)).toEqual(
    keys.slice(1),
  );
});

it("gives data keys to nobody else, and refuses a changed grant", async () => {
  const pair = await newGrantKeyPair();
  const key = randomBytes(32);
  const grant = await encryptKeyGrant([key], pair.publicKey);
  expect(Buffer.from(grant.ciphertext).includes(key)).toBe(false);
  await expect(decryptKeyGrant(grant, await newGrantKeyPair())).rejects.toThrow();
  const changed = Uint8Array.from(grant.ciphertext);
  changed[0] = (changed[0] ?? 0) ^ 1;
  await expect(decryptKeyGrant({ ...grant, ciphertext: changed }, pair)).rejects.toThrow();
  await expect(encryptKeyGrant([key], new Uint8Array(31))).rejects.toThrow();
});

it("decrypts what the key before encrypted, as long as the grant has it", async () => {
  const [before, now] = [randomBytes(32), randomBytes(32)];
  const ciphertext = new SecretCipher([before]).encrypt("s3cret", "credential/crd_1/secret");
  expect(new SecretCipher([now, before]).decrypt(ciphertext, "credential/crd_1/secret")).toBe("s3cret");
  expect(() => new SecretCipher([now, before]).decrypt(ciphertext, "credential/crd_2/secret")).toThrow(
    DecryptError,
  );
});
