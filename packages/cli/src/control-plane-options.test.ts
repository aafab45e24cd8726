import { describe, expect, it } from "vitest";
import { graphqlUrl } from "./control-plane-options.js";

describe("the URL of a control plane", () => {
  it.each([
    ["http://127.0.0.1:4000", "http://127.0.0.1:4000/graphql"],
    ["http://127.0.0.1:4000/", "http://127.0.0.1:4000/graphql"],
    ["http://127.0.0.1:4000/graphql", "http://127.0.0.1:4000/graphql"],
    ["http://127.0.0.1:4000/graphql/", "http://127.0.0.1:4000/graphql"],
    ["https://example.com/latchkey", "https://example.com/latchkey/graphql"],
    ["https://example.com/latchkey/graphql//", "https://example.com/latchkey/graphql"],
    ["http://[::1]:4000", "http://[::1]:4000/graphql"],
    ["", "http://127.0.0.1:4000/graphql"],
  ])("%j is %s", (text, url) => {
    expect(graphqlUrl(text)).toBe(url);
  });

  it.each(["127.0.0.1:4000", "localhost:4000", "ftp://example.com", "http://user:secret@example.com", "x"])(
    "%j is refused without being repeated",
    (text) => {
      expect(() => graphqlUrl(text)).toThrow(/^expected a URL such as http:\/\/127\.0\.0\.1:4000, without/);
    },
  );
});
