/**
 * The sentences by which a document says what OpenAPI has no field for, so that people can read them and
 * an import finds them again without any `x-` extension (docs/adr/0210). Changing one breaks the way back.
 */
import { readLimitPhrases } from "./limit-phrases.js";
import type { RouteLimitsModel } from "./read-model.js";

/** On an operation: it is one of those that a route for any method is spelled out to. */
export const ANY_METHOD = "This route accepts any method.";

/** On a GET operation: its integration takes WebSockets, whose handshake is a GET. */
export const WEB_SOCKETS = "This route accepts WebSocket connections.";

/** On a path parameter: the pattern says `{name*}`. */
export const REST_OF_PATH = "Matches the rest of the path, slashes included.";

/** On a path parameter: as REST_OF_PATH, but other operations made it necessary to spell out segments. */
export function restWithSegments(count: number): string {
  return `Matches the rest of the path, slashes included, together with the ${count} ${
    count === 1 ? "segment" : "segments"
  } before it.`;
}

/** On a path parameter whose name another operation of the path decided. */
export function knownAs(name: string): string {
  return `The integration gets it as \`${name}\`.`;
}

/** On an operation of an Azure document, where a catch-all is a bare `*`. */
export function restKnownAs(name: string): string {
  return `The rest of the path reaches the integration as \`${name}\`.`;
}

export interface ParameterPhrases {
  /** The description without the sentences; empty for none. */
  readonly description: string;
  /** Segments spelled out before the rest; null when the parameter is not a rest. */
  readonly restSegments: number | null;
  readonly knownAs: string | null;
}

const NAME = "`([A-Za-z][A-Za-z0-9_-]{0,63})`";
const KNOWN_AS = new RegExp(`(?:^| )The integration gets it as ${NAME}\\.$`);
const REST_KNOWN_AS = new RegExp(`(?:^| )The rest of the path reaches the integration as ${NAME}\\.$`);
const REST =
  /(?:^| )Matches the rest of the path, slashes included(?:, together with the (\d{1,2}) segments? before it)?\.$/;
const WEB_SOCKET = /(?:^| )This route accepts WebSocket connections\.$/;
const ANY = /(?:^| )This route accepts any method\.$/;

/** Takes the sentences off the end of a path parameter's description. */
export function readParameterPhrases(text: string): ParameterPhrases {
  let description = text;
  let name: string | null = null;
  const known = KNOWN_AS.exec(description);
  if (known !== null) {
    name = known[1] ?? null;
    description = description.slice(0, known.index);
  }
  const rest = REST.exec(description);
  if (rest !== null) description = description.slice(0, rest.index);
  return { description, restSegments: rest === null ? null : Number(rest[1] ?? 0), knownAs: name };
}

export interface OperationPhrases {
  readonly description: string;
  readonly any: boolean;
  readonly webSockets: boolean;
  readonly limits: RouteLimitsModel | null;
  readonly restKnownAs: string | null;
}

/** Takes the sentences off the end of an operation's description. */
export function readOperationPhrases(text: string): OperationPhrases {
  let description = text;
  let name: string | null = null;
  const known = REST_KNOWN_AS.exec(description);
  if (known !== null) {
    name = known[1] ?? null;
    description = description.slice(0, known.index);
  }
  const limited = readLimitPhrases(description);
  description = limited.description;
  const any = ANY.exec(description);
  if (any !== null) description = description.slice(0, any.index);
  const webSocket = WEB_SOCKET.exec(description);
  if (webSocket !== null) description = description.slice(0, webSocket.index);
  const { limits } = limited;
  return { description, any: any !== null, webSockets: webSocket !== null, limits, restKnownAs: name };
}

/** A description that ends in none of the sentences, so that it cannot be taken for one. */
export function withoutPhrases(text: string): string {
  for (let rest = text; ; ) {
    const { description } = readParameterPhrases(rest);
    if (description === rest) return rest;
    rest = description;
  }
}

/** As `withoutPhrases`, for the description of an operation. */
export function withoutOperationPhrases(text: string): string {
  for (let rest = text; ; ) {
    const { description } = readOperationPhrases(rest);
    if (description === rest) return rest;
    rest = description;
  }
}

export function sentences(...parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== "").join(" ");
}
