import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { DecryptError, SecretCipher } from "./secret-cipher.js";

const key = randomBytes(32);

it("decrypts what it encrypted, to its owner only", () => {
  const cipher = new SecretCipher([key]);
  const encrypted = cipher.encrypt("lk_secret", "key_1");
  expect(encrypted.includes("lk_secret")).toBe(false);
  expect(cipher.decrypt(encrypted, "key_1")).toBe("lk_secret");
  expect(() => cipher.decrypt(encrypted, "key_2")).toThrow(DecryptError);
});

it("decrypts what an earlier key encrypted, and nothing once that key is gone", () => {
  const encrypted = new SecretCipher([key]).encrypt("lk_secret", "key_1");
  expect(new SecretCipher([randomBytes(32), key]).decrypt(encrypted, "key_1")).toBe("lk_secret");
  expect(() => new SecretCipher([randomBytes(32)]).decrypt(encrypted, "key_1")).toThrow(DecryptError);
});

it("refuses every flipped bit and every shortened text", () => {
  const cipher = new SecretCipher([key]);
  const encrypted = cipher.encrypt("lk_secret", "key_1");
  for (let i = 0; i < encrypted.length * 8; i++) {
    const flipped = Buffer.from(encrypted);
    flipped[i >> 3] = (flipped[i >> 3] ?? 0) ^ (1 << (i & 7));
    expect(() => cipher.decrypt(flipped, "key_1")).toThrow(DecryptError);
  }
  for (let length = 0; length < encrypted.length; length++)
    expect(() => cipher.decrypt(encrypted.subarray(0, length), "key_1")).toThrow(DecryptError);
});

it("encrypts nothing without a key, and takes no short one", () => {
  expect(new SecretCipher([]).available).toBe(false);
  expect(() => new SecretCipher([]).encrypt("x", "y")).toThrow(DecryptError);
  expect(() => new SecretCipher([Buffer.alloc(16)])).toThrow(RangeError);
});
