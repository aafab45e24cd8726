/** Checks what a user wrote of IP rules. */
import { IP_RULES_MAX, type IpRules, noIpRules, parseIpRule } from "@latchkey/core";
import type { Problems } from "../errors/user-error.js";
import type { FieldPath, Maybe } from "./form.js";

/** A list that is left out stays as it is; null empties it. */
export interface IpRulesForm {
  readonly allow?: Maybe<readonly string[]>;
  readonly deny?: Maybe<readonly string[]>;
}

/** Left out, the rules stay; null removes them. What is wrong goes to `problems`. */
export function checkIpRules(problems: Problems, base: IpRules, form: Maybe<IpRulesForm>): IpRules {
  if (form === undefined) return base;
  if (form === null) return noIpRules;
  const check = (name: "allow" | "deny") =>
    form[name] === undefined
      ? base[name]
      : checkBlocks(problems, ["input", "ipRules", name], form[name] ?? []);
  return { allow: check("allow"), deny: check("deny") };
}

function checkBlocks(problems: Problems, field: FieldPath, texts: readonly string[]): readonly string[] {
  if (texts.length > IP_RULES_MAX) {
    problems.add("TOO_MANY", field, `A list has at most ${IP_RULES_MAX} address blocks.`);
    return [];
  }
  const blocks = new Set<string>();
  for (const [i, text] of texts.entries()) {
    const block = parseIpRule(text);
    if (block.ok) blocks.add(block.value);
    else problems.add("INVALID", [...field, String(i)], `\`${text.trim()}\`: ${block.error}`);
  }
  return [...blocks].sort();
}
