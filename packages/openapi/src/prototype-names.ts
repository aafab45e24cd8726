/**
 * Property names that every object inherits, such as `constructor` and `valueOf`, hidden from a generator that
 * looks names up in plain objects and would find the inherited functions. Hide before, show in what came out.
 */
const INHERITED = new Set(Object.getOwnPropertyNames(Object.prototype));
const MARK = "LatchkeyInheritedName_";

/** A copy whose property names, `required` lists and local references hold none of the inherited names. */
export function hideInheritedNames(value: unknown): unknown {
  if (typeof value === "string") return value.startsWith("#/") ? value.split("/").map(hide).join("/") : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(hideInheritedNames);
  const entries = Object.entries(value).map(([name, item]): [string, unknown] => [
    hide(name),
    name === "required" && Array.isArray(item) ? item.map(hideItem) : hideInheritedNames(item),
  ]);
  return Object.fromEntries(entries);
}

/** The text with the names as they were. */
export function showInheritedNames(text: string): string {
  return text.replaceAll(MARK, "");
}

function hide(name: string): string {
  return INHERITED.has(name) ? MARK + name : name;
}

function hideItem(item: unknown): unknown {
  return typeof item === "string" ? hide(item) : item;
}
