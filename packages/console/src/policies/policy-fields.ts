/** Fields of policies for the comparison of two versions of a form, and the form's field for a field of an input. */
import { type FormField, propertyField } from "../forms/form-fields.js";
import type { IpRulesValues } from "./ip-rules.js";
import { type LimitsValues, limitText } from "./limit-values.js";
import type { OwnershipValues } from "./ownership.js";

export function limitFields<Values extends LimitsValues>(): readonly FormField<Values>[] {
  return [
    propertyField<Values, "rateLimit">("rateLimit", "Rate limit", limitText),
    propertyField<Values, "quota">("quota", "Quota", limitText),
  ];
}

export function ipRulesFields<Values extends IpRulesValues>(): readonly FormField<Values>[] {
  return [
    propertyField<Values, "allowIps">("allowIps", "Allowed addresses", (text) => text || "Any"),
    propertyField<Values, "denyIps">("denyIps", "Denied addresses", (text) => text || "None"),
  ];
}

export function ownershipFields<Values extends OwnershipValues>(): readonly FormField<Values>[] {
  return [
    propertyField<Values, "owner">("owner", "Owner", (owner) => owner),
    propertyField<Values, "labels">("labels", "Labels", (labels) => labels.join(", ")),
    propertyField<Values, "metadata">("metadata", "Metadata", (text) => text),
  ];
}

/** `rateLimit.limit` → `rateLimit`; `headerRules.request.0.name` → `requestHeaderRules`. */
export function policyErrorField(path: string): string {
  const [first = "", second] = path.split(".");
  if (first === "ipRules") return second === "deny" ? "denyIps" : "allowIps";
  if (first === "headerRules") return second === "response" ? "responseHeaderRules" : "requestHeaderRules";
  return ["rateLimit", "quota", "owner", "labels", "metadata"].includes(first) ? first : path;
}
