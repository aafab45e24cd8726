import { generateApiKey } from "@latchkey/core";
import { expect, it } from "vitest";
import { SecretSearch } from "../support/secret-search.js";

const secrets = Array.from({ length: 1_000 }, () => generateApiKey());

it("finds any of many secrets wherever it stands", () => {
  const search = new SecretSearch([...secrets, "admin-token-of-a-test"]);
  for (const secret of [...secrets, "admin-token-of-a-test"]) {
    expect(search.isIn(secret)).toBe(true);
    expect(search.isIn(`lk_lk_${secret}0123`)).toBe(true);
  }
});

it("takes no other key and no part of one for a secret", () => {
  const search = new SecretSearch(secrets);
  expect(search.isIn(`${generateApiKey()} ${secrets.map((secret) => secret.slice(0, -1)).join(" ")}`)).toBe(
    false,
  );
});
