/** Which shared schemas something leads to, at any distance. How references are found is the caller's. */
import { type JsonObject, setMember } from "./schema-keywords.js";
import { sharedReferencesIn } from "./schema-view.js";

/** Names that the roots lead to, themselves included. */
export function reachedNames(
  roots: Iterable<string>,
  refsOfName: (name: string) => Iterable<string>,
): ReadonlySet<string> {
  const reached = new Set<string>(roots);
  // A Set's iteration sees what is added meanwhile.
  for (const name of reached) for (const next of refsOfName(name)) reached.add(next);
  return reached;
}

/** Those of the shared schemas that a value leads to, by references anywhere in it and by discriminators. */
export function reachableSchemas(value: unknown, schemas: JsonObject): JsonObject {
  const known = (one: unknown): string[] =>
    sharedReferencesIn(one).filter((name) => Object.hasOwn(schemas, name));
  const reached: { [name: string]: unknown } = {};
  for (const name of reachedNames(known(value), (next) => known(schemas[next])))
    setMember(reached, name, schemas[name]);
  return reached;
}
