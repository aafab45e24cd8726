/** Media types and ranges as contracts name them: `application/json`, `text/*`, `application/*+json`, with parameters or without. */
import { essenceOf, isJson } from "@latchkey/validation";

const ESSENCE = /^(?:\*\/\*|[a-z0-9!#$&^_.+-]{1,127}\/(?:\*|(?:\*\+)?[a-z0-9!#$&^_.+-]{1,127}))$/;

export function isMediaRange(type: string): boolean {
  return ESSENCE.test(essenceOf(type));
}

/** `application/*+json` and ASP.NET's `text/json`, too. */
export function isJsonType(type: string): boolean {
  return isJson(essenceOf(type));
}

/** True for JSON media types and for ranges that contain one. */
export function takesJson(type: string): boolean {
  const essence = essenceOf(type);
  return essence === "*/*" || essence === "application/*" || isJsonType(essence);
}
