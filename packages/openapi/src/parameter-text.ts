/**
 * Values as parameters of a request carry them, by OpenAPI's `style` and `explode` (OpenAPI 3.1.1 §4.8.12). Lists and objects in a
 * list or object have no form there, other than deepObject: they are JSON, as the gateway reads them.
 */
import { isArray, isObject, type Json, type JsonObject } from "./json.js";

/** A scalar as itself, anything else as JSON; null is empty. */
export function valueText(value: Json): string {
  if (value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

const delimiters: { readonly [style: string]: string } = { spaceDelimited: " ", pipeDelimited: "|" };

/** By the Encoding Object of OpenAPI 3.1: without `style` and `explode` an object is JSON. */
export function pairsOf(key: string, value: Json, { style, explode }: JsonObject): readonly JsonObject[] {
  const pair = (name: string, item: Json) => ({ key: name, value: valueText(item) });
  const isStyled = style !== undefined || explode !== undefined;
  const isExploded = typeof explode === "boolean" ? explode : (style ?? "form") === "form";
  const join = (list: readonly Json[]) => [
    pair(key, list.map(valueText).join(delimiters[String(style)] ?? ",")),
  ];
  if (style === "deepObject" && typeof value === "object" && value !== null)
    return Object.entries(value).flatMap(([name, item]) =>
      pairsOf(`${key}[${name}]`, item as Json, { style }),
    );
  if (isArray(value)) return isExploded ? value.map((item) => pair(key, item)) : join(value);
  if (!isObject(value) || !isStyled) return [pair(key, value)];
  const members = Object.entries(value);
  return isExploded ? members.map(([name, item]) => pair(name, item)) : join(members.flat());
}

/** A header, or a parameter of the path in its default style. */
export function simpleText(value: Json, { explode }: JsonObject): string {
  return joined(value, ",", explode === true);
}

/** @param name what `matrix` repeats */
export function pathText(name: string, value: Json, rules: JsonObject): string {
  const isExploded = rules.explode === true;
  if (rules.style === "label") return `.${joined(value, isExploded ? "." : ",", isExploded)}`;
  if (rules.style !== "matrix") return simpleText(value, rules);
  if (isArray(value) && isExploded) return value.map((item) => `;${name}=${valueText(item)}`).join("");
  if (isObject(value) && isExploded) return `;${joined(value, ";", true)}`;
  return `;${name}=${joined(value, ",", false)}`;
}

function joined(value: Json, delimiter: string, isExploded: boolean): string {
  if (isArray(value)) return value.map(valueText).join(delimiter);
  if (!isObject(value)) return valueText(value);
  const members = Object.entries(value).map(([name, item]) => [name, valueText(item)]);
  return members.map((pair) => pair.join(isExploded ? "=" : delimiter)).join(delimiter);
}
