/** The integration form's content. Pure; numbers that are empty mean "the node's default". */

import type {
  IntegrationFieldsFragment,
  UpdateIntegrationMutationVariables,
} from "../../gen/integrations.js";
import type { FieldErrors } from "../../graphql/user-errors.js";
import {
  type HeaderRulesValues,
  noHeaderRules,
  toHeaderRules,
  toHeaderRulesValues,
} from "../../policies/header-rules-inputs.js";
import { type LimitsValues, noLimits, toLimit, toLimitsValues } from "../../policies/limit-values.js";
import { readLines } from "../../policies/read-lines.js";
import type { Option } from "../../ui/remote-select.js";
import { kindLabels } from "../credentials/credential-kinds.js";

export type InboundKind = IntegrationFieldsFragment["inboundKind"];
export type UpstreamMethod = IntegrationFieldsFragment["method"];

/** A number field: empty text, or what was typed. */
export type NumberText = number | string;

export interface IntegrationFormValue extends LimitsValues, HeaderRulesValues {
  readonly name: string;
  readonly description: string;
  readonly subscriptionId: string | null;
  readonly inboundKind: InboundKind;
  /** One per line. */
  readonly urls: string;
  readonly method: UpstreamMethod;
  readonly loadBalancing: IntegrationFieldsFragment["loadBalancing"];
  readonly forwardAuthorization: boolean;
  readonly webSockets: boolean;
  readonly limits: Readonly<Record<LimitName, NumberText>>;
  readonly retryAttempts: NumberText;
  readonly retryBudget: NumberText;
  readonly healthPath: string;
  readonly healthInterval: NumberText;
  readonly healthTimeout: NumberText;
  readonly unhealthyAfter: NumberText;
  readonly healthyAfter: NumberText;
  readonly breakerFailures: NumberText;
  readonly breakerOpen: NumberText;
  /** One per line. */
  readonly requestContentTypes: string;
  readonly responseContentTypes: string;
  /** One per line. */
  readonly spelledHeaders: string;
  /** Their kinds are the options' details. */
  readonly credentials: readonly Option[];
  readonly requestSchema: string;
  readonly responseSchema: string;
}

/** What each panel of the form is given. */
export interface IntegrationPanelProps {
  readonly value: IntegrationFormValue;
  readonly errors: FieldErrors;
  readonly set: (change: Partial<IntegrationFormValue>) => void;
}

export const limitNames = [
  "connectTimeoutMs",
  "firstByteTimeoutMs",
  "bodyIdleTimeoutMs",
  "requestBodyBytesMax",
  "responseBodyBytesMax",
  "concurrentRequestsMax",
] as const;

export type LimitName = (typeof limitNames)[number];

export const limitLabels: Readonly<Record<LimitName, { readonly label: string; readonly unit: string }>> = {
  connectTimeoutMs: { label: "Connect timeout", unit: "ms" },
  firstByteTimeoutMs: { label: "First byte timeout", unit: "ms" },
  bodyIdleTimeoutMs: { label: "Idle timeout of a body", unit: "ms" },
  requestBodyBytesMax: { label: "Largest request body", unit: "bytes" },
  responseBodyBytesMax: { label: "Largest response body", unit: "bytes" },
  concurrentRequestsMax: { label: "Concurrent requests per node", unit: "" },
};

const defaultLimits = Object.fromEntries(limitNames.map((name) => [name, ""])) as Record<
  LimitName,
  NumberText
>;

export const emptyIntegrationForm: IntegrationFormValue = {
  name: "",
  description: "",
  subscriptionId: null,
  inboundKind: "API",
  urls: "",
  method: "POST",
  loadBalancing: "ROUND_ROBIN",
  forwardAuthorization: false,
  webSockets: false,
  limits: defaultLimits,
  ...noLimits,
  ...noHeaderRules,
  retryAttempts: 0,
  retryBudget: 20,
  healthPath: "",
  healthInterval: 10_000,
  healthTimeout: 2_000,
  unhealthyAfter: 3,
  healthyAfter: 2,
  breakerFailures: "",
  breakerOpen: 10_000,
  requestContentTypes: "",
  responseContentTypes: "",
  spelledHeaders: "",
  credentials: [],
  requestSchema: "",
  responseSchema: "",
};

export function toIntegrationForm(integration: IntegrationFieldsFragment): IntegrationFormValue {
  return {
    name: integration.name,
    description: integration.description,
    subscriptionId: integration.subscription.id,
    inboundKind: integration.inboundKind,
    urls: integration.urls.join("\n"),
    method: integration.method,
    loadBalancing: integration.loadBalancing,
    forwardAuthorization: integration.forwardAuthorization,
    webSockets: integration.webSockets,
    limits: Object.fromEntries(limitNames.map((name) => [name, integration.limits[name] || ""])) as Record<
      LimitName,
      NumberText
    >,
    retryAttempts: integration.retry.attemptsMax,
    retryBudget: integration.retry.budgetPercent,
    healthPath: integration.healthCheck?.path ?? "",
    healthInterval: integration.healthCheck?.intervalMs ?? emptyIntegrationForm.healthInterval,
    healthTimeout: integration.healthCheck?.timeoutMs ?? emptyIntegrationForm.healthTimeout,
    unhealthyAfter: integration.healthCheck?.unhealthyAfter ?? emptyIntegrationForm.unhealthyAfter,
    healthyAfter: integration.healthCheck?.healthyAfter ?? emptyIntegrationForm.healthyAfter,
    breakerFailures: integration.circuitBreaker?.failures ?? "",
    breakerOpen: integration.circuitBreaker?.openMs ?? emptyIntegrationForm.breakerOpen,
    requestContentTypes: integration.requestContentTypes.join("\n"),
    responseContentTypes: integration.responseContentTypes.join("\n"),
    ...toHeaderRulesValues(integration.headerRules),
    ...toLimitsValues(integration),
    spelledHeaders: integration.spelledHeaders.join("\n"),
    credentials: integration.credentials.map(({ id, name, kind }) => ({
      id,
      label: name,
      detail: kindLabels[kind],
    })),
    requestSchema: integration.requestSchema ?? "",
    responseSchema: integration.responseSchema ?? "",
  };
}

type Input = Omit<UpdateIntegrationMutationVariables["input"], "id" | "expectedVersion">;

/** All fields, for a new integration. */
export function toIntegrationInput(value: IntegrationFormValue): Input & { readonly name: string } {
  return { ...toIntegrationChange(value, new Set(Object.keys(value))), name: value.name };
}

/** The changed fields only. */
export function toIntegrationChange(value: IntegrationFormValue, changed: ReadonlySet<string>): Input {
  const any = (...names: readonly string[]) => names.some((name) => changed.has(name));
  return {
    ...(any("name") && { name: value.name }),
    ...(any("description") && { description: value.description }),
    ...(any("inboundKind") && { inboundKind: value.inboundKind }),
    ...(any("urls") && { urls: readLines(value.urls) }),
    ...(any("method") && { method: value.method }),
    ...(any("loadBalancing") && { loadBalancing: value.loadBalancing }),
    ...(any("forwardAuthorization") && { forwardAuthorization: value.forwardAuthorization }),
    ...(any("webSockets") && { webSockets: value.webSockets }),
    ...(any("limits", ...limitNames.map((name) => `limits.${name}`)) && {
      limits: Object.fromEntries(limitNames.map((name) => [name, Number(value.limits[name] || 0)])),
    }),
    ...(any("retryAttempts", "retryBudget") && {
      retry: { attemptsMax: Number(value.retryAttempts || 0), budgetPercent: Number(value.retryBudget || 0) },
    }),
    ...(any(...healthFields) && { healthCheck: healthCheckOf(value) }),
    ...(any("breakerFailures", "breakerOpen") && { circuitBreaker: circuitBreakerOf(value) }),
    ...(any("requestContentTypes") && { requestContentTypes: readLines(value.requestContentTypes) }),
    ...(any("responseContentTypes") && { responseContentTypes: readLines(value.responseContentTypes) }),
    ...(any("rateLimit") && { rateLimit: toLimit(value.rateLimit) }),
    ...(any("quota") && { quota: toLimit(value.quota) }),
    ...(any("requestHeaderRules", "responseHeaderRules") && { headerRules: toHeaderRules(value) }),
    ...(any("spelledHeaders") && { spelledHeaders: readLines(value.spelledHeaders) }),
    ...(any("credentials") && { credentialIds: value.credentials.map(({ id }) => id) }),
    ...(any("requestSchema") && { requestSchema: schemaOf(value.requestSchema) }),
    ...(any("responseSchema") && { responseSchema: schemaOf(value.responseSchema) }),
  };
}

const healthFields = ["healthPath", "healthInterval", "healthTimeout", "unhealthyAfter", "healthyAfter"];

function healthCheckOf(value: IntegrationFormValue) {
  if (value.healthPath.trim() === "") return null;
  const { healthInterval, healthTimeout, unhealthyAfter, healthyAfter } = emptyIntegrationForm;
  return {
    path: value.healthPath.trim(),
    intervalMs: Number(value.healthInterval || healthInterval),
    timeoutMs: Number(value.healthTimeout || healthTimeout),
    unhealthyAfter: Number(value.unhealthyAfter || unhealthyAfter),
    healthyAfter: Number(value.healthyAfter || healthyAfter),
  };
}

function circuitBreakerOf(value: IntegrationFormValue) {
  if (value.breakerFailures === "") return null;
  return { failures: Number(value.breakerFailures), openMs: Number(value.breakerOpen || 10_000) };
}

function schemaOf(text: string): string | null {
  return text.trim() === "" ? null : text;
}
