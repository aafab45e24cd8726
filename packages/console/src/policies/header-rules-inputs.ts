/** Header rules as forms have them: one rule a line, by direction. Pure. */
import type { LinesField } from "../ui/lines-inputs.js";
import { readHeaderRule, showHeaderRules } from "./header-rule-lines.js";
import { readLines } from "./read-lines.js";

export interface HeaderRulesValues {
  readonly requestHeaderRules: string;
  readonly responseHeaderRules: string;
}

export const noHeaderRules: HeaderRulesValues = { requestHeaderRules: "", responseHeaderRules: "" };

type HeaderRuleList = Parameters<typeof showHeaderRules>[0];

export function toHeaderRulesValues(rules: {
  readonly request: HeaderRuleList;
  readonly response: HeaderRuleList;
}): HeaderRulesValues {
  return {
    requestHeaderRules: showHeaderRules(rules.request),
    responseHeaderRules: showHeaderRules(rules.response),
  };
}

/** Both directions. */
export function toHeaderRules({ requestHeaderRules, responseHeaderRules }: HeaderRulesValues) {
  return {
    request: readLines(requestHeaderRules).map(readHeaderRule),
    response: readLines(responseHeaderRules).map(readHeaderRule),
  };
}

export const headerRulesInputs: readonly LinesField<keyof HeaderRulesValues>[] = [
  {
    name: "requestHeaderRules",
    label: "Request header rules",
    description: "On the way to the integration.",
    placeholder: "set X-Tenant: north",
  },
  {
    name: "responseHeaderRules",
    label: "Response header rules",
    description: "On the way to the client.",
    placeholder: "remove Server",
  },
];

export const HEADER_RULES_HELP =
  "One rule per line: set, append or remove. Values can hold {path.id}, {query.name}, {header.x-name}, {interchangeId}, {key.id} and {key.name}.";
