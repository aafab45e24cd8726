/** What OpenAPI 3.1 says of the fields of parameters and responses: one copy, for forms, documents and checks. */

export const parameterStyleNames = [
  "form",
  "simple",
  "label",
  "matrix",
  "spaceDelimited",
  "pipeDelimited",
  "deepObject",
] as const;

export type ParameterStyle = (typeof parameterStyleNames)[number];

export type ParameterPlace = "path" | "query" | "header" | "cookie";

/** The styles that each place has, the default first. */
const styles: { readonly [place in ParameterPlace]: readonly [ParameterStyle, ...ParameterStyle[]] } = {
  path: ["simple", "label", "matrix"],
  query: ["form", "spaceDelimited", "pipeDelimited", "deepObject"],
  header: ["simple"],
  cookie: ["form"],
};

export const parameterPlaces = Object.keys(styles) as readonly ParameterPlace[];

export function isParameterPlace(place: unknown): place is ParameterPlace {
  return typeof place === "string" && Object.hasOwn(styles, place);
}

export function isParameterStyle(place: ParameterPlace, style: string): style is ParameterStyle {
  return (styles[place] as readonly string[]).includes(style);
}

export function defaultStyle(place: ParameterPlace): ParameterStyle {
  return styles[place][0];
}

const ignoredHeaders: ReadonlySet<string> = new Set(["accept", "content-type", "authorization"]);

/** "The parameter definition SHALL be ignored." */
export function isIgnoredHeader(place: ParameterPlace, name: string): boolean {
  return place === "header" && ignoredHeaders.has(name.toLowerCase());
}

/** A key of the Responses Object: a status, a range such as `4XX`, or `default`. */
export function isStatus(key: string): boolean {
  return /^(?:[1-5](?:\d\d|XX)|default)$/.test(key);
}
