/**
 * References of operations to the schemas that an Api's routes share: finding, following and taking them out. Says
 * nothing of references within a schema (`#/$defs/…`).
 */

const PREFIX = "#/components/schemas/";

/** Members of these are named by the author, so that none is a keyword. */
const maps = new Set([
  "properties",
  "patternProperties",
  "$defs",
  "definitions",
  "dependentSchemas",
  "content",
  "headers",
  "responses",
]);

/** What stands here is data: a reference in it is none. */
const data = new Set(["example", "examples", "default", "const", "enum"]);

export interface SharedReference {
  readonly path: readonly string[];
  readonly target: string;
  /** Of the shared schema; null for a reference that leads to none and not into its own schema. */
  readonly name: string | null;
}

/** References out of an operation or a shared schema. */
export function sharedReferences(value: unknown): readonly SharedReference[] {
  const found: SharedReference[] = [];
  collect(value, [], found);
  return found;
}

function collect(value: unknown, path: readonly string[], found: SharedReference[]): void {
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) collect(item, [...path, String(i)], found);
    return;
  }
  if (!isRecord(value)) return;
  for (const [key, member] of Object.entries(value)) {
    if (key === "$ref" && typeof member === "string") {
      if (member !== "#" && !member.startsWith("#/$defs/"))
        found.push({ path: [...path, key], target: member, name: nameOf(member) });
    } else if (maps.has(key) && isRecord(member)) {
      for (const [name, item] of Object.entries(member)) collect(item, [...path, key, name], found);
    } else if (!data.has(key)) collect(member, [...path, key], found);
  }
}

function nameOf(target: string): string | null {
  const name = target.startsWith(PREFIX) ? target.slice(PREFIX.length) : "";
  return name === "" || name.includes("/") ? null : name;
}

/** Whether a JSON text may have a reference to a shared schema. */
export function hasSharedReference(text: string): boolean {
  return text.includes(`"$ref":"${PREFIX}`);
}

/** The schema with references to shared schemas taken out, so that it can be compiled alone. */
export function withoutSharedReferences(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutSharedReferences);
  if (!isRecord(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key, member]) => key !== "$ref" || typeof member !== "string" || !member.startsWith(PREFIX))
      .map(([key, member]) => [key, withoutSharedReferences(member)]),
  );
}

/** JSON text of the schemas that the texts reach, through others too; null when they reach none. */
export function reachedSchemas(texts: readonly string[], schemas: string | null): string | null {
  if (schemas === null) return null;
  const names = new Set(texts.flatMap(namesIn));
  if (names.size === 0) return null;
  const all = JSON.parse(schemas) as { readonly [name: string]: unknown };
  // A Set's iteration sees what is added meanwhile.
  for (const name of names) {
    if (Object.hasOwn(all, name)) for (const next of namesIn(JSON.stringify(all[name]))) names.add(next);
  }
  const reached = Object.entries(all).filter(([name]) => names.has(name));
  return reached.length === 0 ? null : JSON.stringify(Object.fromEntries(reached));
}

/** May name too many: a reference in an example counts. */
function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"/]+)"/g)].map((match) => match[1] as string);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
