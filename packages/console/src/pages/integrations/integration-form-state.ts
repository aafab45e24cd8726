/** The integration form's content. Pure; numbers that are empty mean "the node's default". */
import type {
  IntegrationFieldsFragment,
  UpdateIntegrationMutationVariables,
} from "../../gen/integrations.js";

export type InboundKind = IntegrationFieldsFragment["inboundKind"];
export type UpstreamMethod = IntegrationFieldsFragment["method"];

/** A number field: empty text, or what was typed. */
export type NumberText = number | string;

export interface IntegrationFormValue {
  readonly name: string;
  readonly description: string;
  readonly subscriptionId: string | null;
  readonly inboundKind: InboundKind;
  /** One a line. */
  readonly urls: string;
  readonly method: UpstreamMethod;
  readonly loadBalancing: IntegrationFieldsFragment["loadBalancing"];
  readonly forwardAuthorization: boolean;
  readonly limits: Readonly<Record<LimitName, NumberText>>;
  readonly retryAttempts: NumberText;
  readonly retryBudget: NumberText;
  readonly healthPath: string;
  readonly healthInterval: NumberText;
  readonly breakerFailures: NumberText;
  readonly breakerOpen: NumberText;
  readonly requestSchema: string;
  readonly responseSchema: string;
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
  connectTimeoutMs: { label: "Connect within", unit: "ms" },
  firstByteTimeoutMs: { label: "First byte within", unit: "ms" },
  bodyIdleTimeoutMs: { label: "Longest silence in a body", unit: "ms" },
  requestBodyBytesMax: { label: "Largest request body", unit: "bytes" },
  responseBodyBytesMax: { label: "Largest answer body", unit: "bytes" },
  concurrentRequestsMax: { label: "Requests at once, a node", unit: "" },
};

const noLimits = Object.fromEntries(limitNames.map((name) => [name, ""])) as Record<LimitName, NumberText>;

export const emptyIntegrationForm: IntegrationFormValue = {
  name: "",
  description: "",
  subscriptionId: null,
  inboundKind: "API",
  urls: "",
  method: "POST",
  loadBalancing: "ROUND_ROBIN",
  forwardAuthorization: false,
  limits: noLimits,
  retryAttempts: 0,
  retryBudget: 20,
  healthPath: "",
  healthInterval: 10_000,
  breakerFailures: "",
  breakerOpen: 10_000,
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
    limits: Object.fromEntries(limitNames.map((name) => [name, integration.limits[name] || ""])) as Record<
      LimitName,
      NumberText
    >,
    retryAttempts: integration.retry.attemptsMax,
    retryBudget: integration.retry.budgetPercent,
    healthPath: integration.healthCheck?.path ?? "",
    healthInterval: integration.healthCheck?.intervalMs ?? emptyIntegrationForm.healthInterval,
    breakerFailures: integration.circuitBreaker?.failures ?? "",
    breakerOpen: integration.circuitBreaker?.openMs ?? emptyIntegrationForm.breakerOpen,
    requestSchema: integration.requestSchema ?? "",
    responseSchema: integration.responseSchema ?? "",
  };
}

type Input = Omit<UpdateIntegrationMutationVariables["input"], "id" | "expectedVersion" | "name"> & {
  readonly name: string;
};

/** Settings that the form does not show (health thresholds) are kept from `before`. */
export function toIntegrationInput(
  value: IntegrationFormValue,
  before: IntegrationFieldsFragment | null,
): Input {
  const health = before?.healthCheck ?? null;
  return {
    name: value.name,
    description: value.description,
    inboundKind: value.inboundKind,
    urls: lines(value.urls),
    method: value.method,
    loadBalancing: value.loadBalancing,
    forwardAuthorization: value.forwardAuthorization,
    limits: Object.fromEntries(limitNames.map((name) => [name, Number(value.limits[name] || 0)])),
    retry: { attemptsMax: Number(value.retryAttempts || 0), budgetPercent: Number(value.retryBudget || 0) },
    healthCheck:
      value.healthPath.trim() === ""
        ? null
        : {
            path: value.healthPath.trim(),
            intervalMs: Number(value.healthInterval || 10_000),
            timeoutMs: health?.timeoutMs ?? 2_000,
            unhealthyAfter: health?.unhealthyAfter ?? 3,
            healthyAfter: health?.healthyAfter ?? 2,
          },
    circuitBreaker:
      value.breakerFailures === ""
        ? null
        : { failures: Number(value.breakerFailures), openMs: Number(value.breakerOpen || 10_000) },
    requestSchema: value.requestSchema.trim() === "" ? null : value.requestSchema,
    responseSchema: value.responseSchema.trim() === "" ? null : value.responseSchema,
  };
}

function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
