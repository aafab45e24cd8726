import fc from "fast-check";
import { expect, it } from "vitest";
import { contentDisposition, safeFileName } from "./file-name.js";

it.each([
  ["Orders", "Orders"],
  ["Orders: north/south", "Orders north south"],
  ["../../etc/passwd", "etc passwd"],
  ["  .hidden ", "hidden"],
  ["CON", "CON api"],
  ["注文 API", "注文 API"],
  ["🚀", "api"],
  ["", "api"],
  ["a\r\nSet-Cookie: x", "a Set-Cookie x"],
])("%j is stored as %j", (title, name) => {
  expect(safeFileName(title)).toBe(name);
});

it("no title breaks out of the header or the folder", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (title) => {
      expect(safeFileName(title)).not.toMatch(/[/\\:*?"<>|\p{Cc}]/u);
      expect(contentDisposition(title, "json")).toMatch(
        /^attachment; filename="[\x20-\x7e]+"; filename\*=UTF-8''[!-~]+$/,
      );
    }),
  );
});
