/** What OpenAPI says of the fields of parameters and responses, for reading and writing them. */
const styles = {
  path: ["simple", "label", "matrix"],
  query: ["form", "spaceDelimited", "pipeDelimited", "deepObject"],
  header: ["simple"],
  cookie: ["form"],
} as const;

export type ParameterPlace = keyof typeof styles;

export function isParameterPlace(place: unknown): place is ParameterPlace {
  return typeof place === "string" && Object.hasOwn(styles, place);
}

export function isParameterStyle(place: ParameterPlace, style: string): boolean {
  return (styles[place] as readonly string[]).includes(style);
}

/** "The parameter definition SHALL be ignored." */
export function isIgnoredHeader(place: ParameterPlace, name: string): boolean {
  return place === "header" && /^(?:accept|content-type|authorization)$/i.test(name);
}

/** A status, a range such as `4XX`, or `default`. */
export function isStatus(key: string): boolean {
  return /^(?:[1-5](?:\d\d|XX)|default)$/.test(key);
}
