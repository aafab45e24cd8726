import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { Sealer, UnsealError } from "./secret-cipher.js";

const key = randomBytes(32);

it("gives back what was sealed, to its owner only", () => {
  const sealer = new Sealer([key]);
  const sealed = sealer.seal("lk_secret", "key_1");
  expect(sealed.includes("lk_secret")).toBe(false);
  expect(sealer.unseal(sealed, "key_1")).toBe("lk_secret");
  expect(() => sealer.unseal(sealed, "key_2")).toThrow(UnsealError);
});

it("opens what an earlier key sealed, and nothing once that key is gone", () => {
  const sealed = new Sealer([key]).seal("lk_secret", "key_1");
  expect(new Sealer([randomBytes(32), key]).unseal(sealed, "key_1")).toBe("lk_secret");
  expect(() => new Sealer([randomBytes(32)]).unseal(sealed, "key_1")).toThrow(UnsealError);
});

it("refuses every flipped bit and every shortened text", () => {
  const sealer = new Sealer([key]);
  const sealed = sealer.seal("lk_secret", "key_1");
  for (let i = 0; i < sealed.length * 8; i++) {
    const flipped = Buffer.from(sealed);
    flipped[i >> 3] = (flipped[i >> 3] ?? 0) ^ (1 << (i & 7));
    expect(() => sealer.unseal(flipped, "key_1")).toThrow(UnsealError);
  }
  for (let length = 0; length < sealed.length; length++)
    expect(() => sealer.unseal(sealed.subarray(0, length), "key_1")).toThrow(UnsealError);
});

it("seals nothing without a key, and takes no short one", () => {
  expect(new Sealer([]).available).toBe(false);
  expect(() => new Sealer([]).seal("x", "y")).toThrow(UnsealError);
  expect(() => new Sealer([Buffer.alloc(16)])).toThrow(RangeError);
});
