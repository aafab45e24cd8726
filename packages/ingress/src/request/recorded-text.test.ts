import { expect, it } from "vitest";
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
