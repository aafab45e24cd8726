/** Header rules as lines of text: `set X-Tenant: north`. The server checks them. */
import type { IntegrationFieldsFragment } from "../gen/integrations.js";

type HeaderRule = IntegrationFieldsFragment["headerRules"]["request"][number];

export function showHeaderRules(rules: readonly HeaderRule[]): string {
  return rules
    .map(
      ({ action, name, value }) =>
        `${action.toLowerCase()} ${name}${action === "REMOVE" ? "" : `: ${value}`}`,
    )
    .join("\n");
}

/** A line without a known action sets a header; what is then wrong with the name, the server says. */
export function readHeaderRule(line: string): HeaderRule {
  const [, word = "", rest = ""] = /^(set|append|remove)\s(.*)$/i.exec(line) ?? [undefined, "set", line];
  const colon = rest.indexOf(":");
  return {
    action: word.toUpperCase() as HeaderRule["action"],
    name: (colon < 0 ? rest : rest.slice(0, colon)).trim(),
    value: colon < 0 ? "" : rest.slice(colon + 1).trim(),
  };
}
