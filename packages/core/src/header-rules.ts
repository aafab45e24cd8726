/**
 * Rules on the headers of requests to integrations and of responses to clients: the headers that they may touch, and the
 * templates of their values. Applies nothing.
 */
import { foldedName, NEVER_FORWARDED } from "./forwarded-headers.js";
import { GATEWAY_ERROR_FIELD, HOP_BY_HOP_FIELDS, isToken } from "./http-grammar.js";
import { err, ok, type Result } from "./result.js";

export type HeaderRuleAction = "set" | "append" | "remove";

export interface HeaderRule {
  /** `set` replaces every line of the name, `append` adds a line, `remove` takes every line out. */
  readonly action: HeaderRuleAction;
  /** As it is written to the wire; compared without regard to case. */
  readonly name: string;
  /** A template; empty when the action is `remove`. */
  readonly value: string;
}

/** Applied in order. */
export interface HeaderRules {
  /** Of requests to the integration. */
  readonly request: readonly HeaderRule[];
  /** Of responses to the client. */
  readonly response: readonly HeaderRule[];
}

export type HeaderDirection = keyof HeaderRules;

export const noHeaderRules: HeaderRules = { request: [], response: [] };

export const headerRuleLimits = {
  /** Of each direction. */
  rulesMax: 50,
  nameCharsMax: 100,
  valueCharsMax: 2_000,
  /** Names whose spelling an integration asks for. */
  spelledNamesMax: 50,
} as const;

/** Where a placeholder's text comes from. `name` is empty for sources that have one value. */
export interface ValueSource {
  readonly source: "path" | "query" | "header" | "interchangeId" | "key.id" | "key.name";
  readonly name: string;
}

/** Literal text, or a placeholder. */
export type ValuePart = string | ValueSource;

const PLACEHOLDERS =
  "{path.<name>}, {query.<name>}, {header.<name>}, {interchangeId}, {key.id} and {key.name}";

/** What is between the braces. */
const NAMED = /^(path|query|header)\.([!#-z|~]+)$/;
/** Printable ASCII. What is between is no value that every recipient reads alike (RFC 9110 §5.5). */
const PRINTABLE = /^[ -~]*$/;

/** The parts of a template, or a sentence on what is wrong with it. `{{` and `}}` stand for one brace. */
export function parseHeaderValue(text: string): Result<readonly ValuePart[], string> {
  if (text.length > headerRuleLimits.valueCharsMax)
    return err(`The value has at most ${headerRuleLimits.valueCharsMax} characters.`);
  if (!PRINTABLE.test(text))
    return err("The value has a line break or another character that is not printable ASCII: remove it.");
  if (text.trim() === "") return err("The value is empty: give one, or use the action remove.");
  const parts: ValuePart[] = [];
  let literal = "";
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char !== "{" && char !== "}") {
      literal += char;
      continue;
    }
    if (text[i + 1] === char) {
      literal += char;
      i++;
      continue;
    }
    if (char === "}")
      return err(`The value has a \`}\` without \`{\` at column ${i + 1}: write \`}}\` for the character.`);
    const end = text.indexOf("}", i);
    if (end < 0)
      return err(`The value has an unclosed \`{\` at column ${i + 1}: write \`{{\` for the character.`);
    const content = text.slice(i + 1, end);
    const source = sourceOf(content);
    if (source === null)
      return err(`\`{${content}}\` at column ${i + 1} is no placeholder; there are ${PLACEHOLDERS}.`);
    if (literal !== "") parts.push(literal);
    literal = "";
    parts.push(source);
    i = end;
  }
  if (literal !== "") parts.push(literal);
  return ok(parts);
}

function sourceOf(content: string): ValueSource | null {
  if (content === "interchangeId" || content === "key.id" || content === "key.name")
    return { source: content, name: "" };
  const [, source, name = ""] = NAMED.exec(content) ?? [];
  if (source === "path" || source === "query") return { source, name };
  const isCopied = source === "header" && isToken(name) && !NOT_COPIED.has(foldedName(name.toLowerCase()));
  return isCopied ? { source, name: name.toLowerCase() } : null;
}

/** Whether the integration may have the client's credentials is not a rule's to decide. */
const NOT_COPIED: ReadonlySet<string> = new Set(["authorization", "cookie"]);

const FRAMING = ["connection", "content-length", "host", "transfer-encoding", ...HOP_BY_HOP_FIELDS];
const FORWARDING: ReadonlySet<string> = new Set([...NEVER_FORWARDED, "forwarded", "via", "cdn-loop"]);
const OWN_OF_REQUESTS: ReadonlySet<string> = new Set([
  "configcorrelationid",
  "interchangeid",
  "traceparent",
  "tracestate",
  "expect",
  "max-forwards",
]);
const OWN_OF_RESPONSES: ReadonlySet<string> = new Set([
  GATEWAY_ERROR_FIELD,
  "interchangeid",
  "ratelimit",
  "ratelimit-policy",
  "date",
]);
/** A second line of these would be read by one recipient and not by another. */
const ONE_LINE: ReadonlySet<string> = new Set([
  "authorization",
  "content-type",
  "content-encoding",
  "location",
]);

/** Why a rule cannot be, as a sentence; null: it can. */
export function headerRuleFault(rule: HeaderRule, direction: HeaderDirection): string | null {
  const { action, name, value } = rule;
  const nameFault = headerNameFault(name, direction);
  if (nameFault !== null) return nameFault;
  const folded = foldedName(name.toLowerCase());
  if (action === "remove") return value === "" ? null : "A rule that removes a header has no value.";
  if (folded === "set-cookie" && direction === "response")
    return "Set-Cookie can only be removed: the gateway keeps the cookies of its console apart from those of integrations.";
  if (action === "append" && ONE_LINE.has(folded)) return `${name} has one value: use the action set.`;
  const parsed = parseHeaderValue(value);
  return parsed.ok ? null : parsed.error;
}

/** Why no rule may touch the header; null: rules may. */
export function headerNameFault(name: string, direction: HeaderDirection): string | null {
  if (!isToken(name)) return "A header's name has letters, digits and `-`, as in `X-Tenant`.";
  if (name.length > headerRuleLimits.nameCharsMax)
    return `A header's name has at most ${headerRuleLimits.nameCharsMax} characters.`;
  const folded = foldedName(name.toLowerCase());
  if (FRAMING.includes(folded)) return `${name} belongs to one connection: the gateway writes its own.`;
  if (direction === "response") {
    if (folded.startsWith("access-control-"))
      return `${name} comes from the API's CORS policy: set it there.`;
    return OWN_OF_RESPONSES.has(folded) ? `${name} is written by the gateway.` : null;
  }
  if (FORWARDING.has(folded) || folded.startsWith("x-forwarded-"))
    return `${name} tells the integration who the client is or what was asked for: the gateway decides it.`;
  return OWN_OF_REQUESTS.has(folded) || folded.startsWith("cx-path-")
    ? `${name} is written by the gateway.`
    : null;
}
