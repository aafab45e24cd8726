/** Parameters written as JSON by hand: what is wrong with a text, all of it, in words. Does not judge the schemas themselves. */
import { isJsonObject } from "./json.js";
import type { Parameters } from "./parameters.js";

export type ParsedText =
  | { readonly kind: "parameters"; readonly parameters: Parameters | null }
  | { readonly kind: "problems"; readonly problems: readonly string[] };

/** An empty text and `null` declare nothing. */
export function parseParametersText(text: string): ParsedText {
  if (text.trim() === "") return { kind: "parameters", parameters: null };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { kind: "problems", problems: [`This is no JSON: ${(error as SyntaxError).message}.`] };
  }
  const problems = parametersProblems(value);
  if (problems.length > 0) return { kind: "problems", problems };
  return { kind: "parameters", parameters: value as Parameters | null };
}

export function toParametersText(parameters: Parameters | null): string {
  return parameters === null ? "" : JSON.stringify(parameters, null, 2);
}

/** Why the value is not of the form that the API takes; empty when it is. */
export function parametersProblems(value: unknown): readonly string[] {
  if (value === null) return [];
  if (!isJsonObject(value)) return ['Parameters are an object with "path" and "query".'];
  const { path = {}, query = [], ...others } = value;
  const problems = Object.keys(others).map((name) => `"${name}" is neither "path" nor "query".`);
  if (!isJsonObject(path)) problems.push('"path" is an object: {"id": {"schema": {…}}}.');
  else
    for (const [name, entry] of Object.entries(path)) problems.push(...entryProblems(`path.${name}`, entry));
  if (!Array.isArray(query)) problems.push('"query" is a list: [{"name": "page", "schema": {…}}].');
  else for (const [index, entry] of query.entries()) problems.push(...queryProblems(`query.${index}`, entry));
  return problems;
}

function queryProblems(place: string, entry: unknown): readonly string[] {
  const problems = entryProblems(place, entry);
  if (!isJsonObject(entry) || (typeof entry.name === "string" && entry.name !== "")) return problems;
  return [...problems, `${place} needs a "name".`];
}

function entryProblems(place: string, entry: unknown): readonly string[] {
  if (!isJsonObject(entry)) return [`${place} is an object: {"schema": {…}, "description": "…"}.`];
  const { required, description } = entry;
  const problems: string[] = [];
  if (required !== undefined && typeof required !== "boolean")
    problems.push(`${place}.required is true or false.`);
  if (description !== undefined && typeof description !== "string")
    problems.push(`${place}.description is a text.`);
  return problems;
}
