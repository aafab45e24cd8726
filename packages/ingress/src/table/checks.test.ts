import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { VALIDATION_VERSION } from "./checks.js";

/** All that decides whether an API is refused when it is applied. */
const SOURCES = [
  "core/src/forwarded-headers.ts",
  "core/src/header-rules.ts",
  "core/src/mixed-segment.ts",
  "core/src/request-path.ts",
  "core/src/route-pattern.ts",
  "core/src/route-segment.ts",
  "core/src/spell-pattern.ts",
  "ingress/src/policies/header-rules.ts",
  "ingress/src/table/compiled-api.ts",
  "router/src/crowd.ts",
  "router/src/prefix-chains.ts",
  "proto/src/gen/latchkey/snapshot/v1/snapshot.ts",
  "snapshot/src/codec.ts",
  "snapshot/src/credential-codec.ts",
  "snapshot/src/decode-error.ts",
  "snapshot/src/rules-codec.ts",
];

/** The version that was last raised, with the hash of the sources then. */
const KNOWN = { version: 5, hash: "d625cd5c15a9f0a6" };

// A node takes APIs unchecked that were checked by the same version. A version that stayed while the checks became
// stricter would let in what they now refuse.
it("changes with the sources of the checks", () => {
  const hash = createHash("sha256");
  for (const source of SOURCES) hash.update(readFileSync(join(import.meta.dirname, "../../..", source)));
  const found = hash.digest("hex").slice(0, 16);
  const advice = `The sources of the checks changed: raise VALIDATION_VERSION in checks.ts, unless the checks accept exactly what they accepted before, and write the version and the hash ${found} into KNOWN.`;
  expect({ version: VALIDATION_VERSION, hash: found }, advice).toEqual(KNOWN);
});
