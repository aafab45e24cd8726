import { afterEach, describe, expect, it } from "vitest";
import { wordBuffer } from "../codec/word-buffer.js";
import { arrivals, layDown, recycleArrivals } from "./read-arena.js";

afterEach(recycleArrivals);

describe("layDown", () => {
  it("keeps pieces of any length apart while the source changes", () => {
    const source = wordBuffer(64);
    const kept: { readonly from: number; readonly text: string }[] = [];
    for (let length = 1; length <= 61; length++) {
      const text = String.fromCharCode(0x40 + length).repeat(length);
      source.bytes.write(text, 0, "latin1");
      kept.push({ from: layDown(source, length), text });
      source.bytes.fill(0);
    }
    for (const { from, text } of kept)
      expect(arrivals.toString("latin1", from, from + text.length)).toBe(text);
  });

  it("says when there is no room, and has room again afterwards", () => {
    const source = wordBuffer(16_384);
    for (let i = 0; i < 4; i++) expect(layDown(source, 16_384)).toBe(i * 16_384);
    expect(layDown(source, 1)).toBe(-1);
    recycleArrivals();
    expect(layDown(source, 1)).toBe(0);
  });
});
