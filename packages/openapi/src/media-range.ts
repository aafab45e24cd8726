/** Media types and ranges in the lower-case form without parameters that contracts are kept in. */
const MEDIA_RANGE = /^(?:\*\/\*|[a-z0-9!#$&^_.+-]{1,127}\/(?:\*|[a-z0-9!#$&^_.+-]{1,127}))$/;

export function isMediaRange(type: string): boolean {
  return MEDIA_RANGE.test(type);
}

/** True for JSON media types and for ranges that contain one. */
export function takesJson(type: string): boolean {
  return type === "*/*" || type === "application/*" || type === "application/json" || type.endsWith("+json");
}
