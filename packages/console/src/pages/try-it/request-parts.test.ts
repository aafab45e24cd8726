import fc from "fast-check";
import { expect, it } from "vitest";
import { curlLine, fillPath, parametersOf, withQuery } from "./request-parts.js";

it("fills parameters so that each stays one segment, and a rest keeps its slashes", () => {
  expect(parametersOf("/orders/{id}/files/{path*}")).toEqual(["id", "path*"]);
  expect(fillPath("/orders/{id}/files/{path*}", { id: "a/b", "path*": "c/d e" })).toBe(
    "/orders/a%2Fb/files/c/d%20e",
  );
  expect(fillPath("/orders/{id}", {})).toBe("/orders/{id}");
  expect(parametersOf("/{a}-{b}.json/x({c}):archive")).toEqual(["a", "b", "c"]);
  expect(fillPath("/{a}-{b}.json", { a: "1", b: "2/3" })).toBe("/1-2%2F3.json");
});

it("makes a query that a request line can carry, and leaves what is encoded", () => {
  expect(withQuery("/a", "?x=1&y=%20")).toBe("/a?x=1&y=%20");
  expect(withQuery("/a", " ")).toBe("/a");
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (query) => {
      expect(withQuery("/a", query)).toMatch(/^\/a(\?[\x21-\x7e]*)?$/);
    }),
  );
});

it("writes a curl line whose quoting holds, whatever the values are", () => {
  const line = curlLine({
    method: "PUT",
    url: "http://127.0.0.1:8080/orders/1?a=b&c=d",
    headers: [["X-Note", "it's $HOME `id`"]],
    body: '{"a":1}',
  });
  expect(line).toBe(
    `curl -i -X PUT 'http://127.0.0.1:8080/orders/1?a=b&c=d' -H 'X-Note: it'\\''s $HOME \`id\`' --data-raw '{"a":1}'`,
  );
  fc.assert(
    fc.property(fc.string(), (value) => {
      const [, quoted = ""] = curlLine({
        method: "GET",
        url: "u",
        headers: [["X", value]],
        body: null,
      }).split("-H ");
      expect(unquoted(quoted)).toBe(`X: ${value}`);
    }),
  );
});

it("writes a curl line that sends a body like a file's name, and brackets of a query, as they are", () => {
  const parts = { method: "POST", url: "http://u/a?id[0]=1", headers: [] };
  expect(curlLine({ ...parts, body: "@/etc/passwd" })).toBe(
    "curl -i --globoff -X POST 'http://u/a?id[0]=1' --data-raw @/etc/passwd",
  );
  expect(curlLine({ ...parts, body: null, bodyFile: "body" })).toBe(
    "curl -i --globoff -X POST 'http://u/a?id[0]=1' --data-binary @body",
  );
});

/** What a POSIX shell makes of a word of single-quoted pieces and escaped quotes. */
function unquoted(word: string): string {
  let text = "";
  let rest = word;
  while (rest !== "") {
    const piece = /^'([^']*)'/s.exec(rest);
    const escaped = rest.startsWith("\\'") ? "\\'" : null;
    const plain = /^[A-Za-z0-9_./:=@%+,-]+/.exec(rest);
    const taken = piece?.[0] ?? escaped ?? plain?.[0];
    if (taken === undefined) throw new Error(`not quoted: ${rest}`);
    text += piece?.[1] ?? (escaped === null ? taken : "'");
    rest = rest.slice(taken.length);
  }
  return text;
}
