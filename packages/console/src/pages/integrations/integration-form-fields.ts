/** The fields of the integration form, for comparing versions and for sending only what was changed. */
import { type FormField, propertyField } from "../../forms/form-fields.js";
import { limitFields, policyErrorField } from "../../policies/policy-fields.js";
import {
  type IntegrationFormValue,
  type LimitName,
  limitLabels,
  limitNames,
  type NumberText,
} from "./integration-form-state.js";

type Value = IntegrationFormValue;

const text = (value: NumberText | boolean | null): string =>
  typeof value === "boolean" ? (value ? "On" : "Off") : String(value ?? "");

function limitField(name: LimitName): FormField<Value> {
  return {
    id: `limits.${name}`,
    label: limitLabels[name].label,
    isSame: (a, b) => text(a.limits[name]) === text(b.limits[name]),
    show: (value) =>
      value.limits[name] === "" ? "Default" : `${value.limits[name]} ${limitLabels[name].unit}`,
    copy: (into, from) => ({ ...into, limits: { ...into.limits, [name]: from.limits[name] } }),
  };
}

const credentialIds = ({ credentials }: Value): string => credentials.map(({ id }) => id).join(" ");

const fields: readonly FormField<Value>[] = [
  propertyField<Value, "name">("name", "Name", text),
  propertyField<Value, "inboundKind">("inboundKind", "Inbound kind", text),
  propertyField<Value, "method">("method", "Upstream method", text),
  propertyField<Value, "urls">("urls", "Upstream URLs", text),
  propertyField<Value, "forwardAuthorization">("forwardAuthorization", "Forward the bearer token", text),
  propertyField<Value, "webSockets">("webSockets", "WebSocket", text),
  propertyField<Value, "description">("description", "Description", text),
  {
    ...propertyField<Value, "credentials">("credentials", "Credentials", (credentials) =>
      credentials.map(({ label }) => label).join("\n"),
    ),
    isSame: (a, b) => credentialIds(a) === credentialIds(b),
  },
  ...limitNames.map(limitField),
  ...limitFields<Value>(),
  propertyField<Value, "retryAttempts">("retryAttempts", "Extra attempts", text),
  propertyField<Value, "retryBudget">("retryBudget", "Retry budget", text),
  propertyField<Value, "loadBalancing">("loadBalancing", "Load balancing", text),
  propertyField<Value, "healthPath">("healthPath", "Health check path", text),
  propertyField<Value, "healthInterval">("healthInterval", "Health check interval", text),
  propertyField<Value, "healthTimeout">("healthTimeout", "Probe timeout", text),
  propertyField<Value, "unhealthyAfter">("unhealthyAfter", "Unhealthy after", text),
  propertyField<Value, "healthyAfter">("healthyAfter", "Healthy after", text),
  propertyField<Value, "breakerFailures">("breakerFailures", "Open the circuit after", text),
  propertyField<Value, "breakerOpen">("breakerOpen", "Circuit open for", text),
  propertyField<Value, "requestContentTypes">("requestContentTypes", "Request media types", text),
  propertyField<Value, "responseContentTypes">("responseContentTypes", "Response media types", text),
  propertyField<Value, "requestHeaderRules">("requestHeaderRules", "Request header rules", text),
  propertyField<Value, "responseHeaderRules">("responseHeaderRules", "Response header rules", text),
  propertyField<Value, "spelledHeaders">("spelledHeaders", "Header names as written", text),
  propertyField<Value, "requestSchema">("requestSchema", "Request schema", text),
  propertyField<Value, "responseSchema">("responseSchema", "Response schema", text),
];

export const integrationFormFields = (): readonly FormField<Value>[] => fields;

/** The form's field for a field of the input. */
export function integrationErrorField(path: string): string {
  if (path.startsWith("urls")) return "urls";
  if (path.startsWith("requestContentTypes")) return "requestContentTypes";
  if (path.startsWith("responseContentTypes")) return "responseContentTypes";
  if (path.startsWith("credentialIds")) return "credentials";
  if (path.startsWith("spelledHeaders")) return "spelledHeaders";
  if (path === "healthCheck.intervalMs") return "healthInterval";
  if (path === "healthCheck.timeoutMs") return "healthTimeout";
  if (path === "healthCheck.unhealthyAfter") return "unhealthyAfter";
  if (path === "healthCheck.healthyAfter") return "healthyAfter";
  if (path.startsWith("healthCheck")) return "healthPath";
  if (path === "circuitBreaker.openMs") return "breakerOpen";
  if (path.startsWith("circuitBreaker")) return "breakerFailures";
  if (path === "retry.budgetPercent") return "retryBudget";
  if (path.startsWith("retry")) return "retryAttempts";
  return policyErrorField(path);
}
