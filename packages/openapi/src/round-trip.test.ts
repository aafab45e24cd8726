/**
 * Export → import → export is the identity, and an import of one's own document reports nothing but schemas that no value
 * fits, which are the author's.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { emit } from "./emit.js";
import { fromOpenApi } from "./from-openapi.js";
import { apiModel } from "./model.cases.js";
import { toOpenApi } from "./to-openapi.js";

// The YAML parser is slow; that both formats say the same is emit.test.ts' matter.
const runs = { json: 80, yaml: 12 } as const;

/** A document without operations is refused. */
const withRoutes = apiModel.filter(({ routes }) => routes.length > 0);

for (const version of ["3.0", "3.1"] as const) {
  for (const format of ["json", "yaml"] as const) {
    it(`is the identity in ${version} ${format}, with an empty report`, { timeout: 300_000 }, () => {
      fc.assert(
        fc.property(withRoutes, (model) => {
          const text = emit(toOpenApi(model, { version }), format);
          const imported = fromOpenApi(text);
          expect(imported.report.filter(({ code }) => code !== "schema.unsatisfiable")).toEqual([]);
          expect(imported.ok).toBe(true);
          expect(emit(toOpenApi(imported.model!, { version }), format)).toBe(text);
        }),
        { numRuns: runs[format] },
      );
    });
  }
}
