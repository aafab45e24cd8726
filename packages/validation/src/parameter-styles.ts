/**
 * Parameters as `style` and `explode` of OpenAPI 3.1 write them (RFC 6570): takes a text apart into the texts of a list
 * or an object. Texts are taken apart first and decoded then, so that a delimiter that is encoded delimits nothing.
 */
import { defaultStyle, isParameterStyle, type ParameterPlace, type ParameterStyle } from "@latchkey/core";
import type { ParameterSchema } from "./operation-schemas.js";

/** More pairs than any client sends on purpose. */
export const PAIRS_MAX = 1000;

export interface Style {
  readonly style: ParameterStyle;
  readonly explode: boolean;
}

/** A style that the place does not have is the place's default. */
export function styleOf(place: ParameterPlace, given: Pick<ParameterSchema, "style" | "explode">): Style {
  const isKnown = given.style !== undefined && isParameterStyle(place, given.style);
  const style = isKnown && given.style !== undefined ? given.style : defaultStyle(place);
  const explode = given.explode ?? style === "form";
  // OpenAPI 3.1 has no exploded form of these two; 3.0 has that of `form`.
  if (explode && (style === "spaceDelimited" || style === "pipeDelimited")) return { style: "form", explode };
  return { style, explode };
}

/** Pairs by name, in order; values as they came. Null: there are too many. */
export type Pairs = ReadonlyMap<string, readonly string[]>;

/** Stands for names that cannot be decoded: no text is decoded to it. */
export const UNDECODABLE_NAME = "\ud800";

/** @param text of a query or a form. Names that cannot be decoded come under `UNDECODABLE_NAME`: none that is declared is written so */
export function pairsOf(text: string): Pairs | null {
  const pairs = new Map<string, string[]>();
  if (text === "") return pairs;
  const list = text.split("&", PAIRS_MAX + 1);
  if (list.length > PAIRS_MAX) return null;
  for (const pair of list) {
    if (pair === "") continue;
    const cut = pair.indexOf("=");
    const name = decodeForm(cut < 0 ? pair : pair.slice(0, cut));
    addTo(pairs, name ?? UNDECODABLE_NAME, cut < 0 ? "" : pair.slice(cut + 1));
  }
  return pairs;
}

/** Cookies by name. @param lines of the header `Cookie` */
export function cookiesOf(lines: readonly string[]): Pairs {
  const cookies = new Map<string, string[]>();
  for (const line of lines)
    for (const pair of line.split(";", PAIRS_MAX)) {
      const cut = pair.indexOf("=");
      if (cut < 0) continue;
      addTo(cookies, pair.slice(0, cut).trim(), withoutQuotes(pair.slice(cut + 1).trim()));
    }
  return cookies;
}

function withoutQuotes(text: string): string {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}

function addTo(pairs: Map<string, string[]>, name: string, value: string): void {
  const list = pairs.get(name);
  if (list === undefined) pairs.set(name, [value]);
  else list.push(value);
}

/** Null: a percent-encoding is broken. */
export type Decode = (text: string) => string | null;

/** As URLs and forms are written: a plus sign is a space. */
export function decodeForm(text: string): string | null {
  return decodePercent(text.includes("+") ? text.replace(/\+/g, " ") : text);
}

export function decodePercent(text: string): string | null {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Most clients write cookies without an encoding. */
export function decodeCookie(text: string): string {
  return decodePercent(text) ?? text;
}

/** The ways to take a text apart into the items of a list. */
export function splitList(text: string, { style, explode }: Style, name: string): readonly string[][] {
  switch (style) {
    case "label":
      return labelItems(text, explode);
    case "matrix":
      return matrixItems(text, explode, name);
    case "spaceDelimited":
      return [text.split(/%20|\+/)];
    case "pipeDelimited":
      return [text.split(/\||%7C/i)];
    default:
      // An empty text is a list of one empty text, or an empty list.
      return text === "" ? [[""], []] : [text.split(",")];
  }
}

/** The ways to take a text apart into the members of an object. */
export function splitObject(
  text: string,
  style: Style,
  name: string,
): readonly (readonly [string, string])[][] {
  if (!style.explode || style.style === "spaceDelimited" || style.style === "pipeDelimited")
    return splitList(text, style, name)
      .map(alternating)
      .filter((pairs) => pairs !== null);
  switch (style.style) {
    case "label":
      return text.startsWith(".") ? members(text.slice(1).split(".")) : [];
    case "matrix":
      return text.startsWith(";") ? members(text.slice(1).split(";")) : [];
    default:
      return members(text.split(","));
  }
}

/** The text of a single value, without what the style puts before it; null: it is not written so. */
export function unprefixed(text: string, { style }: Style, name: string): string | null {
  if (style === "label") return text.startsWith(".") ? text.slice(1) : null;
  if (style !== "matrix") return text;
  const start = `;${name}`;
  if (text === start) return "";
  return text.startsWith(`${start}=`) ? text.slice(start.length + 1) : null;
}

function labelItems(text: string, explode: boolean): readonly string[][] {
  if (!text.startsWith(".")) return [];
  const rest = text.slice(1);
  // RFC 6570 delimits by commas, as OpenAPI does since 3.1.1; 3.1.0 and before by dots.
  if (explode || !rest.includes(","))
    return rest.includes(".") && !explode ? [[rest], rest.split(".")] : [rest.split(".")];
  return [rest.split(",")];
}

function matrixItems(text: string, explode: boolean, name: string): readonly string[][] {
  if (!explode) {
    const rest = unprefixed(text, { style: "matrix", explode }, name);
    return rest === null ? [] : rest === "" ? [[""], []] : [rest.split(",")];
  }
  if (!text.startsWith(";")) return [];
  const items: string[] = [];
  for (const part of text.slice(1).split(";")) {
    if (part === name) items.push("");
    else if (part.startsWith(`${name}=`)) items.push(part.slice(name.length + 1));
    else return [];
  }
  return [items];
}

/** `R,100,G,200`. */
function alternating(items: readonly string[]): (readonly [string, string])[] | null {
  if (items.length % 2 !== 0) return null;
  const pairs: (readonly [string, string])[] = [];
  for (let i = 0; i < items.length; i += 2) pairs.push([items[i] as string, items[i + 1] as string]);
  return pairs;
}

/** `R=100`, each. */
function members(items: readonly string[]): (readonly [string, string])[][] {
  const pairs: (readonly [string, string])[] = [];
  for (const item of items) {
    const cut = item.indexOf("=");
    if (cut < 0) return [];
    pairs.push([item.slice(0, cut), item.slice(cut + 1)]);
  }
  return [pairs];
}
