/** A title of any Unicode gives a file name that no system chokes on and a header that is one line of ASCII. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { contentDisposition, safeFileName } from "./file-name.js";

it("keeps what people recognise", () => {
  expect(safeFileName("Order API (v2)")).toBe("Order API (v2)");
  expect(safeFileName("注文 API")).toBe("注文 API");
  expect(safeFileName("../../etc/passwd")).toBe("etc-passwd");
  expect(safeFileName("CON")).toBe("api-CON");
  expect(safeFileName(" . ")).toBe("openapi");
  expect(safeFileName("a\u202egnp.exe\r\nX: y")).toBe("agnp.exeX- y");
});

it("gives old clients ASCII and others the name itself", () => {
  expect(contentDisposition("Orders", "json")).toBe('attachment; filename="Orders.json"');
  expect(contentDisposition("Größe", "yaml")).toBe(
    "attachment; filename=\"Gro_e.yaml\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.yaml",
  );
});

it("holds for any title", { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (title) => {
      const name = safeFileName(title);
      expect(name).toMatch(/^[^\p{Cc}\p{Cf}/\\:*?"<>|.\s][^\p{Cc}\p{Cf}/\\:*?"<>|]*$/u);
      expect(name.length).toBeLessThanOrEqual(104);
      expect(contentDisposition(title, "json")).toMatch(/^[\x20-\x7e]+$/);
    }),
    { numRuns: 1000 },
  );
});
