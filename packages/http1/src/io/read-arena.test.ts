import { describe, expect, it } from "vitest";
import { wordBuffer } from "../codec/word-buffer.js";
import { ReadArena } from "./read-arena.js";

describe("ReadArena", () => {
  it("keeps pieces of any length apart while the source changes", () => {
    const arena = new ReadArena();
    const source = wordBuffer(64);
    const kept: { readonly from: number; readonly text: string }[] = [];
    for (let length = 1; length <= 61; length++) {
      const text = String.fromCharCode(0x40 + length).repeat(length);
      source.bytes.write(text, 0, "latin1");
      kept.push({ from: arena.append(source, length), text });
      source.bytes.fill(0);
    }
    for (const { from, text } of kept)
      expect(arena.bytes.toString("latin1", from, from + text.length)).toBe(text);
  });

  it("refuses what has no room, and has room again once it is recycled", () => {
    const arena = new ReadArena();
    const source = wordBuffer(16_384);
    for (let i = 0; i < 4; i++) expect(arena.append(source, 16_384)).toBe(i * 16_384);
    expect(arena.append(source, 1)).toBe(-1);
    arena.recycle();
    expect(arena.append(source, 1)).toBe(0);
  });
});
