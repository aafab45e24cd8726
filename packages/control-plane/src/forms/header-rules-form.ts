/** Checks what a user wrote of header rules. */
import {
  type HeaderDirection,
  type HeaderRule,
  type HeaderRuleAction,
  type HeaderRules,
  headerNameFault,
  headerRuleFault,
  headerRuleLimits,
  noHeaderRules,
  parseHeaderValue,
} from "@latchkey/core";
import type { Problems } from "../errors/user-error.js";
import type { FieldPath, Maybe } from "./form.js";

export interface HeaderRuleForm {
  readonly action: HeaderRuleAction;
  readonly name: string;
  readonly value?: Maybe<string>;
}

/** A direction that is left out stays as it is; null removes its rules. */
export interface HeaderRulesForm {
  readonly request?: Maybe<readonly HeaderRuleForm[]>;
  readonly response?: Maybe<readonly HeaderRuleForm[]>;
}

/**
 * The rules as they are stored; what is wrong goes to `problems`.
 * @param parameterNames of the route's path; null: those of an integration, whose routes have various ones
 */
export function checkHeaderRules(
  problems: Problems,
  field: FieldPath,
  base: HeaderRules,
  form: Maybe<HeaderRulesForm>,
  parameterNames: readonly string[] | null,
): HeaderRules {
  if (form === undefined) return base;
  if (form === null) return noHeaderRules;
  const check = (direction: HeaderDirection) =>
    form[direction] === undefined
      ? base[direction]
      : checkDirection(problems, [...field, direction], form[direction] ?? [], direction, parameterNames);
  return { request: check("request"), response: check("response") };
}

function checkDirection(
  problems: Problems,
  field: FieldPath,
  forms: readonly HeaderRuleForm[],
  direction: HeaderDirection,
  parameterNames: readonly string[] | null,
): readonly HeaderRule[] {
  if (forms.length > headerRuleLimits.rulesMax) {
    problems.add("TOO_MANY", field, `There are at most ${headerRuleLimits.rulesMax} header rules.`);
    return [];
  }
  return forms.map((form, i) => {
    const rule = { action: form.action, name: form.name.trim(), value: (form.value ?? "").trim() };
    const nameFault = headerNameFault(rule.name, direction);
    const fault =
      nameFault ?? headerRuleFault(rule, direction) ?? unknownParameter(rule.value, parameterNames);
    if (fault !== null)
      problems.add("INVALID", [...field, String(i), nameFault === null ? "value" : "name"], fault);
    return rule;
  });
}

function unknownParameter(value: string, parameterNames: readonly string[] | null): string | null {
  const parsed = parameterNames === null || value === "" ? null : parseHeaderValue(value);
  if (parameterNames === null || parsed?.ok !== true) return null;
  for (const part of parsed.value)
    if (typeof part !== "string" && part.source === "path" && !parameterNames.includes(part.name))
      return `The route's path has no parameter {${part.name}}.`;
  return null;
}

/** Names in the spelling that an integration needs; each once. */
export function checkSpelledHeaders(
  problems: Problems,
  field: FieldPath,
  texts: readonly string[],
): readonly string[] {
  if (texts.length > headerRuleLimits.spelledNamesMax) {
    problems.add("TOO_MANY", field, `At most ${headerRuleLimits.spelledNamesMax} headers can be spelled.`);
    return [];
  }
  const byName = new Map<string, string>();
  for (const [i, text] of texts.entries()) {
    const name = text.trim();
    const fault = headerNameFault(name, "request");
    if (fault !== null) problems.add("INVALID", [...field, String(i)], fault);
    else if (byName.has(name.toLowerCase()))
      problems.add("INVALID", [...field, String(i)], `${name} is listed twice.`);
    byName.set(name.toLowerCase(), name);
  }
  return [...byName.values()];
}
