/** An operation written as JSON by hand: what is wrong with a text, in words. What the server checks is not checked here. */
import { jsonProblem } from "../../ui/json-problem.js";
import { isJsonObject } from "./json.js";
import type { Operation } from "./operation.js";

export type ParsedText =
  | { readonly kind: "operation"; readonly operation: Operation | null }
  | { readonly kind: "problems"; readonly problems: readonly string[] };

/** An empty text and `null` say nothing. */
export function parseOperationText(text: string): ParsedText {
  if (text.trim() === "") return { kind: "operation", operation: null };
  const problem = jsonProblem(text);
  if (problem !== null) return { kind: "problems", problems: [problem.message] };
  const value: unknown = JSON.parse(text);
  const problems = operationProblems(value);
  if (problems.length > 0) return { kind: "problems", problems };
  return { kind: "operation", operation: value as Operation | null };
}

export function toOperationText(operation: Operation | null): string {
  return operation === null ? "" : JSON.stringify(operation, null, 2);
}

/** Why fields cannot show the value; empty when they can. */
export function operationProblems(value: unknown): readonly string[] {
  if (value === null) return [];
  if (!isJsonObject(value)) return ['An operation is an object: {"summary": "…", "parameters": […]}.'];
  const { parameters = [] } = value;
  if (!Array.isArray(parameters))
    return ['"parameters" is a list: [{"name": "page", "in": "query", "schema": {…}}].'];
  return parameters.flatMap((entry: unknown, index) => parameterProblems(`parameters.${index}`, entry));
}

function parameterProblems(place: string, entry: unknown): readonly string[] {
  if (!isJsonObject(entry)) return [`${place} is an object: {"name": "page", "in": "query", "schema": {…}}.`];
  const problems: string[] = [];
  if (typeof entry.name !== "string" || entry.name === "") problems.push(`${place} needs a "name".`);
  if (!["path", "query", "header", "cookie"].includes(String(entry.in)))
    problems.push(`${place}.in is "path", "query", "header" or "cookie".`);
  return problems;
}
