/**
 * What the control plane holds and nodes of this release would not use, or targets would not take: header rules that name
 * headers which no rule may touch (any more), and client certificates that end. Before an upgrade it finds what comes of it.
 */
import {
  type HeaderDirection,
  type HeaderRule,
  type HeaderRuleAction,
  headerRuleFault,
} from "@latchkey/core";
import type { GraphqlClient } from "../graphql-client.js";
import { kindNamed } from "../resources/kinds.js";
import { listAll } from "../resources/list-all.js";
import { certificateFinding } from "./certificates.js";
import { type Finding, ok, problem, warning } from "./finding.js";

interface Rules {
  readonly request: readonly Rule[];
  readonly response: readonly Rule[];
}

interface Rule {
  readonly action: "SET" | "APPEND" | "REMOVE";
  readonly name: string;
  readonly value: string;
}

interface Integration {
  readonly name: string;
  readonly headerRules: Rules;
}

interface Api {
  readonly title: string;
  readonly routes: readonly {
    readonly method: string;
    readonly path: string;
    readonly headerRules: Rules;
  }[];
}

interface Credential {
  readonly name: string;
  readonly mutualTls: { readonly certificate: string } | null;
}

const RULES = "headerRules { request { action name value } response { action name value } }";
/** The control plane takes no query that may become too large, and an API has many routes with many rules. */
const PAGE = 25;
const DIRECTIONS: readonly HeaderDirection[] = ["request", "response"];
const ACTIONS: Readonly<Record<Rule["action"], HeaderRuleAction>> = {
  SET: "set",
  APPEND: "append",
  REMOVE: "remove",
};

export async function checkResources(client: GraphqlClient, nowMs: number): Promise<Finding[]> {
  const all = async <T>(kind: string, selection: string): Promise<readonly T[]> =>
    (await listAll(client, { ...kindNamed(kind), selection }, {}, PAGE)) as unknown as readonly T[];
  try {
    const integrations = await all<Integration>("integration", `name ${RULES}`);
    const apis = await all<Api>("api", `title routes { method path ${RULES} }`);
    const credentials = await all<Credential>("credential", "name mutualTls { certificate }");
    return [...headerRuleFindings(integrations, apis), ...certificateFindings(credentials, nowMs)];
  } catch (error) {
    return [
      warning(
        "resources",
        `header rules and client certificates are not checked: ${error instanceof Error ? error.message : error}`,
        "Use the command of the control plane's release.",
      ),
    ];
  }
}

function headerRuleFindings(integrations: readonly Integration[], apis: readonly Api[]): Finding[] {
  const findings = [
    ...integrations.flatMap(({ name, headerRules }) => ruleFindings(`integration ${name}`, "", headerRules)),
    ...apis.flatMap(({ title, routes }) =>
      routes.flatMap(({ method, path, headerRules }) =>
        ruleFindings(`API ${title}`, `${method} ${path}: `, headerRules),
      ),
    ),
  ];
  return findings.length > 0 ? findings : [ok("header rules", "nodes of this release take them all")];
}

/** @param route with its colon; empty: the rules are an integration's */
function ruleFindings(owner: string, route: string, rules: Rules): Finding[] {
  return DIRECTIONS.flatMap((direction) =>
    rules[direction].flatMap(({ action, name, value }) => {
      const rule: HeaderRule = { action: ACTIONS[action], name, value };
      const fault = headerRuleFault(rule, direction);
      if (fault === null) return [];
      return [
        problem(
          owner,
          `${route}${direction} header rule '${rule.action} ${name}': ${fault}`,
          "Remove the rule: nodes of this release respond with 503 (integration.unavailable) to all requests that lead there.",
        ),
      ];
    }),
  );
}

function certificateFindings(credentials: readonly Credential[], nowMs: number): Finding[] {
  return credentials.flatMap(({ name, mutualTls }) => {
    const certificate = mutualTls?.certificate ?? "";
    return certificate === ""
      ? []
      : [
          certificateFinding({
            subject: `credential ${name}`,
            what: "its client certificate",
            pem: certificate,
            nowMs,
            renewal: "Renew it, then replace it and its key (`latchkey update credential`).",
          }),
        ];
  });
}
