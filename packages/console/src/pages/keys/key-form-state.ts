/** The content of a key's form, its fields, and the input that a change of it makes. Pure. */
import { type FormField, propertyField } from "../../forms/form-fields.js";
import type { ApiKeysQuery, UpdateApiKeyMutationVariables } from "../../gen/keys.js";
import { formatWindow } from "../../ui/format.js";
import { methods } from "../../ui/method-badge.js";

export type KeyRow = ApiKeysQuery["apiKeys"]["nodes"][number];

export interface LimitValues {
  /** Empty: no limit. */
  readonly limit: number | string;
  readonly windowSeconds: number;
  /** Empty: as much as `limit`. */
  readonly burst: number | string;
}

export interface KeyValues {
  readonly name: string;
  readonly mode: "HEADER" | "WEBHOOK";
  /** As `datetime-local` has it, in the person's time zone; empty: never. Seconds only where there are some. */
  readonly expiresAt: string;
  readonly rateLimit: LimitValues;
  readonly quota: LimitValues;
  /** One a line: `GET /orders/{id}`. */
  readonly scopes: string;
  /** One address block a line. */
  readonly allowIps: string;
  readonly denyIps: string;
}

export const emptyKey: KeyValues = {
  name: "",
  mode: "HEADER",
  expiresAt: "",
  rateLimit: { limit: "", windowSeconds: 60, burst: "" },
  quota: { limit: "", windowSeconds: 2_592_000, burst: "" },
  scopes: "",
  allowIps: "",
  denyIps: "",
};

type Limit = KeyRow["rateLimit"];
type KeyScope = KeyRow["scopes"][number];
type KeyInput = Omit<UpdateApiKeyMutationVariables["input"], "id" | "expectedVersion">;

export function toKeyValues(key: KeyRow): KeyValues {
  return {
    name: key.name,
    mode: key.mode,
    expiresAt: key.expiresAt === null ? "" : localTime(new Date(key.expiresAt)),
    rateLimit: toLimitValues(key.rateLimit, emptyKey.rateLimit),
    quota: toLimitValues(key.quota, emptyKey.quota),
    scopes: key.scopes.map(({ method, path }) => `${method} ${path}`).join("\n"),
    allowIps: key.ipRules.allow.join("\n"),
    denyIps: key.ipRules.deny.join("\n"),
  };
}

/** A burst that equals the limit is what the limit means without one. */
function toLimitValues(limit: Limit, empty: LimitValues): LimitValues {
  if (limit === null) return empty;
  return { ...limit, burst: limit.burst === limit.limit ? "" : limit.burst };
}

/** `2026-11-24T13:05`, or `2026-11-24T13:05:42`, in the person's time zone. */
function localTime(date: Date): string {
  const shifted = new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString();
  return date.getTime() % 60_000 === 0 ? shifted.slice(0, 16) : shifted.slice(0, 19);
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
    ...(changed.has("scopes") && { scopes: lines(values.scopes).map(toScope) }),
    ...((changed.has("allowIps") || changed.has("denyIps")) && {
      ipRules: { allow: lines(values.allowIps), deny: lines(values.denyIps) },
    }),
  };
}

export function toKeyInput(values: KeyValues): KeyInput & { readonly name: string } {
  return { ...toKeyChange(values, new Set(Object.keys(values))), name: values.name };
}

function toLimit({ limit, windowSeconds, burst }: LimitValues) {
  if (limit === "") return null;
  return { limit: Number(limit), windowSeconds, ...(burst !== "" && { burst: Number(burst) }) };
}

function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
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
  propertyField<KeyValues, "rateLimit">("rateLimit", "Rate limit", limitText),
  propertyField<KeyValues, "quota">("quota", "Quota", limitText),
  propertyField<KeyValues, "scopes">("scopes", "Scopes", (text) => text || "All routes"),
  propertyField<KeyValues, "allowIps">("allowIps", "Allowed addresses", (text) => text || "Any"),
  propertyField<KeyValues, "denyIps">("denyIps", "Denied addresses", (text) => text || "None"),
];

export const keyFormFields = (): readonly FormField<KeyValues>[] => fields;

function limitText({ limit, windowSeconds, burst }: LimitValues): string {
  if (limit === "") return "None";
  return `${limit} / ${formatWindow(windowSeconds)}${burst === "" ? "" : `, burst ${burst}`}`;
}

/** The form's field for a field of the input. */
export function keyErrorField(path: string): string {
  if (path.startsWith("ipRules.")) return path.startsWith("ipRules.deny") ? "denyIps" : "allowIps";
  return path.split(".")[0] ?? path;
}
