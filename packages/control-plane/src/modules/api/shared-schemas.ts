/**
 * References of operations to the schemas that an Api's routes share: finding, following and taking them out. Says
 * nothing of references within a schema (`#/$defs/…`).
 */
import { Pauses } from "@latchkey/core";
import { reachedNames } from "@latchkey/validation";

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

/** JSON text of the schemas that the texts reach, through others too; null when they reach none. In short turns. */
export async function reachedSchemas(
  texts: readonly string[],
  schemas: string | null,
): Promise<string | null> {
  if (schemas === null) return null;
  const pauses = new Pauses();
  const roots: string[] = [];
  for (const text of texts) {
    roots.push(...namesIn(text));
    await pauses.pause();
  }
  if (roots.length === 0) return null;
  const all = await memberTexts(schemas);
  const refs = new Map<string, readonly string[]>();
  for (const [name, text] of all) {
    refs.set(name, namesIn(text));
    await pauses.pause();
  }
  const names = reachedNames(roots, (name) => refs.get(name) ?? []);
  const reached = [...all].filter(([name]) => names.has(name));
  if (reached.length === 0) return null;
  return `{${reached.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join()}}`;
}

/**
 * The members of an object by name, each as JSON. Parses none of them: to parse some megabytes takes one long turn.
 * `text`: as `JSON.stringify` writes it.
 */
async function memberTexts(text: string): Promise<ReadonlyMap<string, string>> {
  const members = new Map<string, string>();
  const pauses = new Pauses();
  let depth = 0;
  let start = 1;
  for (let at = 0, steps = 1; at < text.length; at++, steps++) {
    if (steps % STEPS_BETWEEN_PAUSES === 0) await pauses.pause();
    const char = text[at];
    if (char === '"') at = endOfText(text, at);
    else if (char === "{" || char === "[") depth++;
    else if (char === "}" || char === "]") depth--;
    if ((char === "," && depth === 1) || depth === 0) {
      const nameEnd = endOfText(text, start) + 1;
      if (nameEnd < at)
        members.set(JSON.parse(text.slice(start, nameEnd)) as string, text.slice(nameEnd + 1, at));
      start = at + 1;
    }
  }
  return members;
}

/** Some milliseconds. */
const STEPS_BETWEEN_PAUSES = 50_000;

/** Where the quotation mark stands that ends the text that begins here. */
function endOfText(json: string, at: number): number {
  for (let end = json.indexOf('"', at + 1); end >= 0; end = json.indexOf('"', end + 1)) {
    let escapes = 0;
    while (json[end - 1 - escapes] === "\\") escapes++;
    if (escapes % 2 === 0) return end;
  }
  return json.length;
}

/** May name too many: a reference in an example counts. */
function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"/]+)"/g)].map((match) => match[1] as string);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
