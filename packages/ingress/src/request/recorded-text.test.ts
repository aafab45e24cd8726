import { describe, expect, it } from "vitest";
import { maskedBody, readBody } from "./recorded-body.js";
import { isSecretName } from "./recorded-json.js";
import { maskedHeaders, maskedTarget, RequestSecrets } from "./recorded-text.js";

it.each([
  "Authorization",
  "X-Api-Key",
  "client_assertion",
  "db_pwd",
  "hmac",
  "otp",
  "pass",
  "PIN",
  "sig",
  "X-Hub-Signature-256",
])("takes %s for the name of a secret", (name) => {
  expect(isSecretName(name)).toBe(true);
});

it.each(["code", "compass", "design", "optional", "spin", "status", "passenger"])(
  "leaves %s as it is",
  (name) => {
    expect(isSecretName(name)).toBe(false);
  },
);

it("masks a signature in a URL, and the token that a page sends among the protocols of a WebSocket", () => {
  const secrets = new RequestSecrets("connxio-api-key");
  expect(maskedTarget("/blob?sv=2024-11-04&sig=aB%2Bc1234%3D", false, secrets)).toBe(
    "/blob?sv=2024-11-04&sig=•••",
  );
  expect(maskedHeaders(["sec-websocket-protocol", "bearer, eyJhbGciOi.J9"], secrets)).toEqual([
    "sec-websocket-protocol",
    "•••",
  ]);
});

it.each([
  [400, "json"],
  [600, undefined],
])("reads a body of %i levels as %s", (levels, kind) => {
  const body = Buffer.from("[".repeat(levels) + "]".repeat(levels));
  const secrets = new RequestSecrets("connxio-api-key");
  const read = readBody(body, ["content-type", "application/json"], false, { mask: [], secrets });
  expect(read?.kind).toBe(kind);
});

it("masks a longer secret as a whole where a shorter one is its beginning, and what is special in a pattern", () => {
  const secrets = new RequestSecrets("connxio-api-key");
  for (const secret of ["abc.def", "abc.def*ghi", "$&(x+y)"]) secrets.add(secret);
  expect(secrets.hide("1 abc.def*ghi 2 abc.def 3 abcxdef 4 $&(x+y)")).toBe("1 ••• 2 ••• 3 abcxdef 4 •••");
});

describe("a recorded text", () => {
  const recorded = (type: string, body: string) => {
    const secrets = new RequestSecrets("connxio-api-key");
    const read = readBody(Buffer.from(body), ["content-type", type], false, { mask: [], secrets });
    return read && maskedBody(read, secrets);
  };
  const inner = JSON.stringify({ pin: "1234", visible: "shown" });
  const hidden = JSON.stringify({ pin: "•••", visible: "shown" });

  it.each(["text/plain", "text/json", "text/x-json", "application/json", "text/plain;charset=utf-8"])(
    "is masked as JSON where it is JSON, with the type %s",
    (type) => {
      expect(recorded(type, ` ${inner}`)).toBe(hidden);
    },
  );

  it("that has JSON in it and is none is left out: what is secret in it cannot be known", () => {
    for (const text of [inner.slice(0, -1), `${inner}\n${inner}`, `data: ${inner}`])
      expect(recorded("text/plain", text), text).toBeNull();
    expect(recorded("text/plain", `see ${"{"}`)).toBe("see {");
  });

  it("is masked within strings of JSON, to a bounded depth, and beyond it as a whole", () => {
    const nested = (depth: number, text: string): string =>
      depth === 0 ? text : nested(depth - 1, JSON.stringify({ payload: text }));
    for (const depth of [1, 2, 3])
      expect(recorded("application/json", nested(depth, inner))).toBe(nested(depth, hidden));
    expect(recorded("application/json", nested(9, inner))).not.toContain("1234");
    expect(recorded("application/json", JSON.stringify({ a: "{not: json}", b: ["[1, 2]"] }))).toBe(
      JSON.stringify({ a: "{not: json}", b: ["[1, 2]"] }),
    );
  });

  it("is masked within fields of forms and parameters of queries", () => {
    const form = `payload=${encodeURIComponent(inner)}&a=${encodeURIComponent('{"b":1}')}`;
    const masked = `payload=•••&a=${encodeURIComponent('{"b":1}')}`;
    expect(recorded("application/x-www-form-urlencoded", form)).toBe(masked);
    expect(maskedTarget(`/a?${form}`, false, new RequestSecrets("connxio-api-key"))).toBe(`/a?${masked}`);
  });

  it("has no secret that is percent-encoded, once or several times", () => {
    const secrets = new RequestSecrets("connxio-api-key");
    secrets.add("s3cret/ü value");
    const once = encodeURIComponent("s3cret/ü value");
    for (const encoded of [once, once.replace("s", "%73"), encodeURIComponent(once)])
      expect(maskedTarget(`/a/${encoded}/b`, false, secrets), encoded).toBe("/a/•••/b");
    expect(maskedTarget("/a%20b/%zz/%2525", false, secrets)).toBe("/a%20b/%zz/%2525");
  });
});
