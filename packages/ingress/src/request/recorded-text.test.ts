import { expect, it } from "vitest";
import { readBody } from "./recorded-body.js";
import { isSecretName, maskedHeaders, maskedTarget, RequestSecrets } from "./recorded-text.js";

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
