/**
 * Header rules of integrations and routes, compiled when the table is built. What has no rules costs a comparison with null.
 * Rules never touch framing, nor what the gateway itself says: `headerRuleFault` of core refuses those.
 */
import {
  err,
  foldedName,
  type HeaderDirection,
  type HeaderRule,
  type HeaderRules,
  headerNameFault,
  headerRuleFault,
  ok,
  parseHeaderValue,
  type Result,
  type ValuePart,
  type ValueSource,
} from "@latchkey/core";

/** What templates read of a request; a `RequestContext` is one. */
export interface RuleSubject {
  readonly interchangeId: string;
  /** The client's end-to-end headers, names in lower case. */
  readonly scan: { readonly passed: { readonly list: readonly string[] } };
  /** Without the key and its flag. */
  readonly query: { readonly rest: string };
  readonly key: { readonly id: string; readonly name: string } | null;
  readonly route: { readonly path: { readonly parameterNames: readonly string[] } } | null;
  /** As in the path: percent-encoded. */
  readonly parameterValues: readonly string[];
}

interface CompiledRule {
  readonly action: HeaderRule["action"];
  /** In lower case. */
  readonly name: string;
  readonly folded: string;
  readonly parts: readonly ValuePart[];
}

export interface CompiledHeaderRules {
  /** Null: there are none. */
  readonly request: DirectionRules | null;
  readonly response: DirectionRules | null;
}

/** Of a value with what its placeholders stand for: one rule may name a long header many times. */
const VALUE_CHARS_MAX = 8_192;

const NONE: CompiledHeaderRules = { request: null, response: null };

/** Or which rule cannot be, as a sentence. @param spelledHeaders names in the spelling that an integration needs */
export function compileHeaderRules(
  rules: HeaderRules,
  spelledHeaders: readonly string[] = [],
): Result<CompiledHeaderRules, string> {
  if (rules.request.length === 0 && rules.response.length === 0 && spelledHeaders.length === 0)
    return ok(NONE);
  for (const direction of ["request", "response"] as const)
    for (const rule of rules[direction]) {
      const fault = headerRuleFault(rule, direction);
      if (fault !== null) return err(`header rule ${direction} ${rule.action} ${rule.name}: ${fault}`);
    }
  for (const name of spelledHeaders) {
    const fault = headerNameFault(name, "request");
    if (fault !== null) return err(`spelled header ${name}: ${fault}`);
  }
  return ok({
    request: compile(rules, "request", spelledHeaders),
    response: compile(rules, "response", []),
  });
}

function compile(
  rules: HeaderRules,
  direction: HeaderDirection,
  spelledHeaders: readonly string[],
): DirectionRules | null {
  const list = rules[direction];
  if (list.length === 0 && spelledHeaders.length === 0) return null;
  const spelled = [...spelledHeaders, ...list.map(({ name }) => name)].filter(
    (name) => name !== name.toLowerCase(),
  );
  return new DirectionRules(list.map(compiledRule), spelled);
}

function compiledRule({ action, name: given, value }: HeaderRule): CompiledRule {
  const name = given.toLowerCase();
  const parts = action === "remove" ? ok([]) : parseHeaderValue(value.trim());
  return { action, name, folded: foldedName(name), parts: parts.ok ? parts.value : [] };
}

/** The rules of one direction. */
export class DirectionRules {
  readonly #rules: readonly CompiledRule[];
  /** In lower case → as it is written. The first spelling counts. */
  readonly #spelling = new Map<string, string>();

  constructor(rules: readonly CompiledRule[], spelled: readonly string[]) {
    this.#rules = rules;
    for (const name of spelled)
      if (!this.#spelling.has(name.toLowerCase())) this.#spelling.set(name.toLowerCase(), name);
  }

  /** Changes the list. @param list names in lower case */
  apply(list: string[], subject: RuleSubject): void {
    for (const rule of this.#rules) {
      if (rule.action !== "append") removeNamed(list, rule);
      if (rule.action === "remove") continue;
      const value = textOfAll(rule.parts, subject);
      if (value !== null) list.push(rule.name, value);
    }
  }

  /** Writes names as the rules and the integration do. */
  spell(list: string[]): void {
    if (this.#spelling.size === 0) return;
    for (let i = 0; i < list.length; i += 2) {
      const spelled = this.#spelling.get(list[i] as string);
      if (spelled !== undefined) list[i] = spelled;
    }
  }
}

/** A list with the rules of the integration, then those of the route. */
export function withRules(
  list: readonly string[],
  ofIntegration: DirectionRules | null,
  ofRoute: DirectionRules | null,
  subject: RuleSubject,
): string[] {
  const ruled = list.slice();
  ofIntegration?.apply(ruled, subject);
  ofRoute?.apply(ruled, subject);
  ofIntegration?.spell(ruled);
  ofRoute?.spell(ruled);
  return ruled;
}

/** Variants that CGI-like upstreams read as the same name go as well: `x_tenant` beside `x-tenant`. */
function removeNamed(list: string[], rule: CompiledRule): void {
  let kept = 0;
  while (kept < list.length && !isNamed(list[kept] as string, rule)) kept += 2;
  if (kept >= list.length) return; // mostly
  for (let i = kept + 2; i < list.length; i += 2) {
    const other = list[i] as string;
    if (isNamed(other, rule)) continue;
    list[kept] = other;
    list[kept + 1] = list[i + 1] as string;
    kept += 2;
  }
  list.length = kept;
}

function isNamed(other: string, { name, folded }: CompiledRule): boolean {
  return other === name || (other.length === name.length && foldedName(other) === folded);
}

/** Null: a part has no value, all are empty, or the value is too long. No part can have a line break: each came through a parser or was checked. */
function textOfAll(parts: readonly ValuePart[], subject: RuleSubject): string | null {
  let value = "";
  for (const part of parts) {
    const text = typeof part === "string" ? part : textOf(part, subject);
    if (text === null || value.length + text.length > VALUE_CHARS_MAX) return null;
    value += text;
  }
  return value === "" ? null : value;
}

function textOf({ source, name }: ValueSource, subject: RuleSubject): string | null {
  switch (source) {
    case "path": {
      const at = subject.route?.path.parameterNames.indexOf(name) ?? -1;
      return at < 0 ? null : (subject.parameterValues[at] ?? null);
    }
    case "query":
      return queryValue(subject.query.rest, name);
    case "header":
      return headerValue(subject.scan.passed.list, name);
    case "interchangeId":
      return subject.interchangeId;
    case "key.id":
      return subject.key?.id ?? null;
    case "key.name":
      return subject.key === null || subject.key.name === "" ? null : escaped(subject.key.name);
  }
}

/** Of several lines, joined (RFC 9110 §5.3). */
function headerValue(list: readonly string[], name: string): string | null {
  let value: string | null = null;
  for (let i = 0; i < list.length; i += 2)
    if (list[i] === name)
      value = value === null ? (list[i + 1] as string) : `${value}, ${list[i + 1] as string}`;
  return value;
}

/** The first of the name, as the client wrote it: percent-encoded. */
function queryValue(query: string, name: string): string | null {
  for (const pair of query.split("&")) {
    const equals = pair.indexOf("=");
    const found = equals < 0 ? pair : pair.slice(0, equals);
    if (found === name || (found.includes("%") && decoded(found) === name))
      return equals < 0 ? "" : pair.slice(equals + 1);
  }
  return null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `%` and what is not printable ASCII, percent-encoded. */
function escaped(text: string): string {
  return text.replace(/[^ -$&-~]/gu, encodeURIComponent);
}
