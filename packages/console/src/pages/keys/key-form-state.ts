/** The content of a key's form, its fields, and the input that a change of it makes. Pure. */
import { type FormField, propertyField } from "../../forms/form-fields.js";
import type { ApiKeysQuery, UpdateApiKeyMutationVariables } from "../../gen/keys.js";
import { type IpRulesValues, noIpRules, toIpRules, toIpRulesValues } from "../../policies/ip-rules.js";
import { type LimitsValues, noLimits, toLimit, toLimitsValues } from "../../policies/limit-values.js";
import {
  noOwnership,
  type OwnershipValues,
  toOwnership,
  toOwnershipValues,
} from "../../policies/ownership.js";
import {
  ipRulesFields,
  limitFields,
  ownershipFields,
  policyErrorField,
} from "../../policies/policy-fields.js";
import { readLines } from "../../policies/read-lines.js";
import { localTime } from "../../ui/local-time.js";
import { methods } from "../../ui/method-badge.js";

export type KeyRow = ApiKeysQuery["apiKeys"]["nodes"][number];

export interface KeyValues extends LimitsValues, IpRulesValues, OwnershipValues {
  readonly name: string;
  readonly mode: "HEADER" | "WEBHOOK";
  /** As `datetime-local` has it, in the person's time zone; empty: never. Seconds only where there are some. */
  readonly expiresAt: string;
  /** One a line: `GET /orders/{id}`. */
  readonly scopes: string;
}

export const emptyKey: KeyValues = {
  name: "",
  mode: "HEADER",
  expiresAt: "",
  scopes: "",
  ...noLimits,
  ...noIpRules,
  ...noOwnership,
};

type KeyScope = KeyRow["scopes"][number];
type KeyInput = Omit<UpdateApiKeyMutationVariables["input"], "id" | "expectedVersion">;

export function toKeyValues(key: KeyRow): KeyValues {
  return {
    name: key.name,
    mode: key.mode,
    expiresAt: key.expiresAt === null ? "" : localTime(new Date(key.expiresAt)),
    scopes: key.scopes.map(({ method, path }) => `${method} ${path}`).join("\n"),
    ...toLimitsValues(key),
    ...toIpRulesValues(key.ipRules),
    ...toOwnershipValues(key),
  };
}

/** The changed fields only. */
export function toKeyChange(values: KeyValues, changed: ReadonlySet<string>): KeyInput {
  return {
    ...(changed.has("name") && { name: values.name }),
    ...(changed.has("mode") && { mode: values.mode }),
    ...(changed.has("expiresAt") && {
      expiresAt: values.expiresAt === "" ? null : new Date(values.expiresAt).toISOString(),
    }),
    ...(changed.has("rateLimit") && { rateLimit: toLimit(values.rateLimit) }),
    ...(changed.has("quota") && { quota: toLimit(values.quota) }),
    ...(changed.has("scopes") && { scopes: readLines(values.scopes).map(toScope) }),
    ...((changed.has("allowIps") || changed.has("denyIps")) && {
      ipRules: toIpRules(values),
    }),
    ...toOwnership(values, changed),
  };
}

export function toKeyInput(values: KeyValues): KeyInput & { readonly name: string } {
  return { ...toKeyChange(values, new Set(Object.keys(values))), name: values.name };
}

/** A line without a method is for any; what is wrong with its path, the server says. */
function toScope(line: string): KeyScope {
  const [first = "", ...rest] = line.split(" ");
  const method = methods.find((each) => each === first.toUpperCase());
  return method === undefined ? { method: "ANY", path: line } : { method, path: rest.join(" ").trim() };
}

const fields: readonly FormField<KeyValues>[] = [
  propertyField<KeyValues, "name">("name", "Name", (name) => name),
  propertyField<KeyValues, "mode">("mode", "Mode", (mode) => (mode === "WEBHOOK" ? "Webhook" : "Header")),
  propertyField<KeyValues, "expiresAt">("expiresAt", "Expires", (at) => at.replace("T", " ") || "Never"),
  ...limitFields<KeyValues>(),
  propertyField<KeyValues, "scopes">("scopes", "Scopes", (text) => text || "All routes"),
  ...ipRulesFields<KeyValues>(),
  ...ownershipFields<KeyValues>(),
];

export const keyFormFields = (): readonly FormField<KeyValues>[] => fields;

/** The form's field for a field of the input. */
export function keyErrorField(path: string): string {
  return policyErrorField(path).split(".")[0] ?? path;
}
