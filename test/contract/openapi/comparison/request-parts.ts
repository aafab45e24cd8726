/** What a generated request is made of: samples of texts, merged schemas, and the writer of target, headers and body. */
import fc from "fast-check";
import { type DocumentOperation, isJson, type Json } from "./document-operations.js";
import type { Random } from "./random.js";

export type Parameter = NonNullable<DocumentOperation["schemas"]["parameters"]>[number];

/** A parameter by its style (OpenAPI 3.1, Parameter Object): pairs of a query, or one text. */
export function write(given: Parameter, value: unknown, encode: (text: string) => string): readonly string[] {
  const isPairs = given.in === "query" || given.in === "cookie";
  const style = given.style ?? (isPairs ? "form" : "simple");
  const explode = given.explode ?? style === "form";
  const name = encodeURIComponent(given.name);
  const text = (item: unknown) =>
    encode(
      typeof item === "object" && item !== null ? JSON.stringify(item) : item === null ? "" : String(item),
    );
  const pairs = (list: readonly string[]) => (isPairs ? list : [list.join(",")]);
  if (given.content !== undefined)
    return pairs([isPairs ? `${name}=${encode(JSON.stringify(value))}` : encode(JSON.stringify(value))]);
  const members = isJson(value)
    ? Object.entries(value).map(([key, item]) => [encode(key), text(item)] as const)
    : [];
  const delimiter = { spaceDelimited: "%20", pipeDelimited: "%7C" }[style as string] ?? ",";
  if (Array.isArray(value)) {
    const items = value.map(text);
    if (style === "label") return [`.${items.join(explode ? "." : ",")}`];
    if (style === "matrix")
      return [explode ? items.map((item) => `;${name}=${item}`).join("") : `;${name}=${items.join(",")}`];
    if (!isPairs) return [items.join(",")];
    return explode
      ? items.map((item) => `${name}=${item}`)
      : items.length === 0
        ? []
        : [`${name}=${items.join(delimiter)}`];
  }
  if (isJson(value)) {
    const flat = members.flat();
    if (style === "deepObject") return members.map(([key, item]) => `${name}[${key}]=${item}`);
    if (style === "label")
      return [explode ? members.map(([key, item]) => `.${key}=${item}`).join("") : `.${flat.join(",")}`];
    if (style === "matrix")
      return [
        explode ? members.map(([key, item]) => `;${key}=${item}`).join("") : `;${name}=${flat.join(",")}`,
      ];
    if (!isPairs)
      return [explode ? members.map(([key, item]) => `${key}=${item}`).join(",") : flat.join(",")];
    return explode
      ? members.map(([key, item]) => `${key}=${item}`)
      : flat.length === 0
        ? []
        : [`${name}=${flat.join(delimiter)}`];
  }
  if (style === "label") return [`.${text(value)}`];
  if (style === "matrix") return [`;${name}=${text(value)}`];
  return [isPairs ? `${name}=${text(value)}` : text(value)];
}

export const samples: { readonly [format: string]: string } = {
  date: "2026-02-28",
  "date-time": "2026-02-28T10:20:30Z",
  time: "10:20:30Z",
  uuid: "123e4567-e89b-12d3-a456-426614174000",
  email: "someone@example.com",
  uri: "https://example.com/a",
  url: "https://example.com/a",
  "uri-reference": "/a",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  hostname: "example.com",
  byte: "aGVsbG8=",
  binary: "bytes",
  duration: "P1D",
};

export function matching(pattern: string, min: number, max: number, random: Random): string {
  try {
    const texts = fc.sample(fc.stringMatching(new RegExp(pattern)), {
      seed: random.upTo(1_000_000),
      numRuns: 10,
    });
    return (
      texts.find((text) => text.length >= min && text.length <= max && /^[\x20-\x7e]*$/.test(text)) ?? "a"
    );
  } catch {
    return "a";
  }
}

export function merge(one: Json, other: Json): Json {
  const properties = { ...(isJson(one.properties) ? one.properties : {}) } as { [name: string]: unknown };
  for (const [name, schema] of Object.entries(isJson(other.properties) ? other.properties : {}))
    properties[name] = name in properties ? { allOf: [properties[name], schema] } : schema;
  const required = [
    ...new Set([one.required, other.required].flatMap((list) => (Array.isArray(list) ? list : []))),
  ];
  return {
    ...one,
    ...other,
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(required.length > 0 ? { required } : {}),
  };
}
