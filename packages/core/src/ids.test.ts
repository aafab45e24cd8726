import { expect, it } from "vitest";
import { idKind, idPrefixes, isId, newId } from "./ids.js";

it("makes ids whose kind can be read back, and refuses the rest", () => {
  for (const kind of Object.keys(idPrefixes) as (keyof typeof idPrefixes)[]) {
    const id = newId(kind);
    expect(idKind(id)).toBe(kind);
    expect(isId(kind, id)).toBe(true);
  }
  for (const bad of ["", "int", "int_", "int_zz", "foo_0123456789abcdef01234567"])
    expect(idKind(bad)).toBeNull();
});
