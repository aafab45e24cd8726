import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

it("finds a secret that two pieces of a file have, and none in a file that is gone", () => {
  const dir = mkdtempSync(join(tmpdir(), "latchkey-search-"));
  const file = join(dir, "file");
  const [secret = ""] = secrets;
  const search = new SecretSearch(secrets, secret.length);
  try {
    for (let at = 0; at <= 2 * secret.length; at++) {
      writeFileSync(file, `${"x".repeat(at)}${secret}${"x".repeat(3)}`);
      expect(search.isInFile(file), `at ${at}`).toBe(true);
    }
    writeFileSync(file, `${"x".repeat(50)}${secret.slice(0, -1)}x`);
    expect(search.isInFile(file)).toBe(false);
    expect(search.isInFile(join(dir, "gone"))).toBe(false);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
