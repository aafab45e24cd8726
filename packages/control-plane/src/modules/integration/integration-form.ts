/**
 * The rules of an integration's form. A field that is left out stays as it is (or gets its default when the
 * integration is new); null empties it. Pure: knows no database.
 */
import { type CredentialId, isToken, noHeaderRules } from "@latchkey/core";
import type {
  CircuitBreaker,
  HealthCheck,
  IntegrationLimits,
  LoadBalancing,
  RetryPolicy,
} from "@latchkey/snapshot";
import { noLimits } from "@latchkey/snapshot";
import type { Problems } from "../../errors/user-error.js";
import { checkNumber, checkText, type FieldPath, type Maybe, pick } from "../../forms/form.js";
import {
  checkHeaderRules,
  checkSpelledHeaders,
  type HeaderRulesForm,
} from "../../forms/header-rules-form.js";
import {
  checkLimits as checkRequestLimits,
  type LimitsForm,
  noRequestLimits,
} from "../../forms/limit-form.js";
import { checkSchemaFault } from "../../forms/schema-fault.js";
import {
  type Example,
  type InboundKind,
  type Integration,
  type IntegrationContract,
  type IntegrationPolicy,
  integrationLimits,
  isRoutable,
  type UpstreamMethod,
} from "./integration.js";
import { checkUpstreamUrl, type UpstreamAllowList } from "./upstream-url.js";

export interface IntegrationForm extends LimitsForm {
  readonly name?: Maybe<string>;
  readonly description?: Maybe<string>;
  readonly inboundKind?: Maybe<InboundKind>;
  readonly urls?: Maybe<readonly string[]>;
  readonly method?: Maybe<UpstreamMethod>;
  readonly limits?: Maybe<{ readonly [K in keyof IntegrationLimits]?: Maybe<number> }>;
  readonly loadBalancing?: Maybe<LoadBalancing>;
  readonly healthCheck?: Maybe<HealthCheck>;
  readonly circuitBreaker?: Maybe<CircuitBreaker>;
  readonly retry?: Maybe<RetryPolicy>;
  readonly forwardAuthorization?: Maybe<boolean>;
  readonly webSockets?: Maybe<boolean>;
  readonly headerRules?: Maybe<HeaderRulesForm>;
  readonly spelledHeaders?: Maybe<readonly string[]>;
  readonly requestSchema?: Maybe<string>;
  readonly responseSchema?: Maybe<string>;
  readonly requestContentTypes?: Maybe<readonly string[]>;
  readonly responseContentTypes?: Maybe<readonly string[]>;
  readonly examples?: Maybe<readonly Example[]>;
  readonly credentialIds?: Maybe<readonly string[]>;
}

/** What the form decides. */
export type IntegrationContent = Pick<
  Integration,
  "name" | "description" | "inboundKind" | "urls" | "method" | "policy" | "contract" | "credentialIds"
>;

const noRetry: RetryPolicy = { attemptsMax: 0, budgetPercent: 20 };

export const emptyIntegration: IntegrationContent = {
  name: "",
  description: "",
  inboundKind: "api",
  urls: [],
  method: "POST",
  policy: {
    limits: noLimits,
    loadBalancing: "round-robin",
    healthCheck: null,
    circuitBreaker: null,
    retry: noRetry,
    forwardAuthorization: false,
    webSockets: false,
    headerRules: noHeaderRules,
    spelledHeaders: [],
    ...noRequestLimits,
  },
  contract: {
    requestSchema: null,
    responseSchema: null,
    requestContentTypes: [],
    responseContentTypes: [],
    examples: [],
  },
  credentialIds: [],
};

/** `base` with the form applied; what is wrong goes to `problems`. */
export function applyIntegrationForm(
  problems: Problems,
  base: IntegrationContent,
  form: IntegrationForm,
  allow: UpstreamAllowList,
): IntegrationContent {
  const content: IntegrationContent = {
    name: checkText(problems, at("name"), "The name", pick(form.name, base.name, ""), {
      charsMax: integrationLimits.nameCharsMax,
      required: true,
    }),
    description: checkText(
      problems,
      at("description"),
      "The description",
      pick(form.description, base.description, ""),
      { charsMax: integrationLimits.descriptionCharsMax, multiline: true },
    ),
    inboundKind: pick(form.inboundKind, base.inboundKind, emptyIntegration.inboundKind),
    urls: form.urls === undefined ? base.urls : checkUrls(problems, form.urls ?? [], allow),
    method: pick(form.method, base.method, emptyIntegration.method),
    policy: applyPolicy(problems, base.policy, form),
    contract: applyContract(problems, base.contract, form),
    // That they exist, in the same subscription, is the service's to check.
    credentialIds: checkCredentialIds(problems, pick(form.credentialIds, base.credentialIds, [])),
  };
  if (isRoutable(content) && content.urls.length === 0)
    problems.add("REQUIRED", at("urls"), "An integration with inbound kind API needs at least one URL.");
  return content;
}

function at(...path: readonly string[]): FieldPath {
  return ["input", ...path];
}

function checkUrls(problems: Problems, urls: readonly string[], allow: UpstreamAllowList): readonly string[] {
  if (urls.length > integrationLimits.urlsMax) {
    problems.add("TOO_MANY", at("urls"), `An integration has at most ${integrationLimits.urlsMax} URLs.`);
    return urls;
  }
  const seen = new Set<string>();
  return urls.map((text, i) => {
    const checked = checkUpstreamUrl(text.trim(), allow);
    if (!checked.ok) {
      problems.add(checked.error.code, at("urls", String(i)), checked.error.message);
      return text;
    }
    if (seen.has(checked.value)) problems.add("INVALID", at("urls", String(i)), "This URL is listed twice.");
    seen.add(checked.value);
    return checked.value;
  });
}

function checkCredentialIds(problems: Problems, ids: readonly string[]): readonly CredentialId[] {
  if (ids.length > integrationLimits.credentialsMax)
    problems.add(
      "TOO_MANY",
      at("credentialIds"),
      `An integration has at most ${integrationLimits.credentialsMax} credentials.`,
    );
  return [...new Set(ids)] as CredentialId[];
}

const BYTES_MAX = 2 ** 40;
const MS_MAX = 3_600_000;
const UINT32_MAX = 2 ** 32 - 1;

const limitRules = {
  requestBodyBytesMax: { max: BYTES_MAX, unit: "bytes" },
  responseBodyBytesMax: { max: BYTES_MAX, unit: "bytes" },
  connectTimeoutMs: { max: MS_MAX, unit: "ms" },
  firstByteTimeoutMs: { max: MS_MAX, unit: "ms" },
  bodyIdleTimeoutMs: { max: MS_MAX, unit: "ms" },
  concurrentRequestsMax: { max: UINT32_MAX, unit: "requests" },
} as const satisfies Record<keyof IntegrationLimits, { max: number; unit: string }>;

function applyPolicy(problems: Problems, base: IntegrationPolicy, form: IntegrationForm): IntegrationPolicy {
  return {
    limits: form.limits === undefined ? base.limits : checkLimits(problems, form.limits),
    loadBalancing: pick(form.loadBalancing, base.loadBalancing, emptyIntegration.policy.loadBalancing),
    healthCheck:
      form.healthCheck === undefined ? base.healthCheck : checkHealthCheck(problems, form.healthCheck),
    circuitBreaker:
      form.circuitBreaker === undefined
        ? base.circuitBreaker
        : checkCircuitBreaker(problems, form.circuitBreaker),
    retry: form.retry === undefined ? base.retry : checkRetry(problems, form.retry),
    forwardAuthorization: pick(form.forwardAuthorization, base.forwardAuthorization, false),
    webSockets: pick(form.webSockets, base.webSockets, false),
    headerRules: checkHeaderRules(problems, at("headerRules"), base.headerRules, form.headerRules, null),
    spelledHeaders:
      form.spelledHeaders === undefined
        ? base.spelledHeaders
        : checkSpelledHeaders(problems, at("spelledHeaders"), form.spelledHeaders ?? []),
    ...checkRequestLimits(problems, ["input"], base, form),
  };
}

function checkLimits(
  problems: Problems,
  limits: NonNullable<IntegrationForm["limits"]> | null,
): IntegrationLimits {
  const result: { -readonly [K in keyof IntegrationLimits]: number } = { ...noLimits };
  for (const name of Object.keys(limitRules) as (keyof IntegrationLimits)[]) {
    const { max, unit } = limitRules[name];
    result[name] = checkNumber(problems, at("limits", name), "The limit", limits?.[name] ?? 0, {
      min: 0,
      max,
      unit,
    });
  }
  return result;
}

/** A path as it goes into a request line. */
const PROBE_PATH = /^\/[!-"$-~]*$/;

function checkHealthCheck(problems: Problems, check: HealthCheck | null): HealthCheck | null {
  if (check === null) return null;
  const number = (name: keyof HealthCheck & string, noun: string, value: number, min: number, max: number) =>
    checkNumber(problems, at("healthCheck", name), noun, value, { min, max });
  if (!PROBE_PATH.test(check.path) || check.path.length > integrationLimits.urlCharsMax)
    problems.add(
      "PATH_MALFORMED",
      at("healthCheck", "path"),
      'The path starts with "/", as in /health?deep=1.',
    );
  if (check.timeoutMs > check.intervalMs)
    problems.add("INVALID", at("healthCheck", "timeoutMs"), "A check ends before the next one begins.");
  return {
    path: check.path,
    intervalMs: number("intervalMs", "The interval", check.intervalMs, 500, MS_MAX),
    timeoutMs: number("timeoutMs", "The time-out", check.timeoutMs, 50, 60_000),
    unhealthyAfter: number("unhealthyAfter", "The count", check.unhealthyAfter, 1, 100),
    healthyAfter: number("healthyAfter", "The count", check.healthyAfter, 1, 100),
  };
}

function checkCircuitBreaker(problems: Problems, breaker: CircuitBreaker | null): CircuitBreaker | null {
  if (breaker === null) return null;
  return {
    failures: checkNumber(problems, at("circuitBreaker", "failures"), "The count", breaker.failures, {
      min: 1,
      max: 10_000,
    }),
    openMs: checkNumber(problems, at("circuitBreaker", "openMs"), "The time", breaker.openMs, {
      min: 100,
      max: MS_MAX,
      unit: "ms",
    }),
  };
}

function checkRetry(problems: Problems, retry: RetryPolicy | null): RetryPolicy {
  if (retry === null) return noRetry;
  return {
    attemptsMax: checkNumber(problems, at("retry", "attemptsMax"), "The count", retry.attemptsMax, {
      min: 0,
      max: 10,
    }),
    budgetPercent: checkNumber(problems, at("retry", "budgetPercent"), "The budget", retry.budgetPercent, {
      min: 0,
      max: 100,
      unit: "percent",
    }),
  };
}

function applyContract(
  problems: Problems,
  base: IntegrationContract,
  form: IntegrationForm,
): IntegrationContract {
  const schema = (name: "requestSchema" | "responseSchema") =>
    form[name] === undefined ? base[name] : checkSchema(problems, name, form[name] ?? null);
  const types = (name: "requestContentTypes" | "responseContentTypes") =>
    form[name] === undefined ? base[name] : checkContentTypes(problems, name, form[name] ?? []);
  return {
    requestSchema: schema("requestSchema"),
    responseSchema: schema("responseSchema"),
    requestContentTypes: types("requestContentTypes"),
    responseContentTypes: types("responseContentTypes"),
    examples: form.examples === undefined ? base.examples : checkExamples(problems, form.examples ?? []),
  };
}

/** Requests are held to their schema; that of responses is only shown, in whatever dialect it is. */
function checkSchema(
  problems: Problems,
  name: "requestSchema" | "responseSchema",
  text: string | null,
): string | null {
  const field = at(name);
  if (text === null || text.trim() === "") return null;
  if (text.length > integrationLimits.schemaCharsMax) {
    problems.add("TOO_LONG", field, `A schema has at most ${integrationLimits.schemaCharsMax} characters.`);
    return null;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    problems.add("INVALID", field, `The schema is not JSON: ${error instanceof Error ? error.message : ""}.`);
    return null;
  }
  const isSchema =
    typeof value === "boolean" || (typeof value === "object" && value !== null && !Array.isArray(value));
  if (!isSchema) problems.add("INVALID", field, "A JSON Schema is an object, or true or false.");
  else if (name === "requestSchema") checkSchemaFault(problems, field, value);
  return text;
}

/** type/subtype (RFC 9110 §8.3.1); `*` is a token, too. */
function isMediaRange(text: string): boolean {
  const [type = "", subtype = "", ...rest] = text.split("/");
  return text.length <= 200 && rest.length === 0 && isToken(type) && isToken(subtype);
}

function checkContentTypes(
  problems: Problems,
  name: "requestContentTypes" | "responseContentTypes",
  types: readonly string[],
): readonly string[] {
  if (types.length > integrationLimits.contentTypesMax) {
    problems.add(
      "TOO_MANY",
      at(name),
      `There are at most ${integrationLimits.contentTypesMax} content types.`,
    );
    return [];
  }
  const clean = types.map((type) => type.trim().toLowerCase());
  for (const [i, type] of clean.entries()) {
    if (!isMediaRange(type))
      problems.add("INVALID", at(name, String(i)), "A content type looks like application/json or image/*.");
  }
  return [...new Set(clean)];
}

function checkExamples(problems: Problems, examples: readonly Example[]): readonly Example[] {
  if (examples.length > integrationLimits.examplesMax) {
    problems.add("TOO_MANY", at("examples"), `There are at most ${integrationLimits.examplesMax} examples.`);
    return [];
  }
  return examples.map((example, i) => {
    const field = (name: string) => at("examples", String(i), name);
    if (example.value.length > integrationLimits.exampleCharsMax)
      problems.add(
        "TOO_LONG",
        field("value"),
        `An example has at most ${integrationLimits.exampleCharsMax} characters.`,
      );
    const contentType = example.contentType.trim().toLowerCase();
    if (!isMediaRange(contentType))
      problems.add("INVALID", field("contentType"), "A content type looks like application/json.");
    return {
      name: checkText(problems, field("name"), "The name", example.name, { charsMax: 100, required: true }),
      direction: example.direction,
      contentType,
      value: example.value,
    };
  });
}
