import { apiKeyDisplay, generateApiKey } from "@latchkey/core";
import { expect, it } from "vitest";
import type { RequestContext } from "./request-context.js";
import { requestSample } from "./request-sample.js";

it("never has a key that a client put into the path, also not the beginning of one at its end", () => {
  const secret = generateApiKey();
  const pathOf = (path: string): string => {
    const context = {
      key: null,
      route: null,
      revision: null,
      interchangeId: "i",
      ownBodyBytes: 0,
      request: { head: { method: "GET", path } },
    };
    return requestSample(context as unknown as RequestContext, 401, "key.missing", 0, 0, null).path;
  };
  expect(pathOf(`/${secret}/orders`)).toBe(`/${apiKeyDisplay(secret)}/orders`);
  const filler = `/${"x".repeat(230)}/`;
  expect(pathOf(filler + secret)).toBe(filler + apiKeyDisplay(secret));
});
