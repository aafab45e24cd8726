/** An ApiKey: the secret that selects an Api, without the secret. Types and the rules of its form. */
import { type ApiId, type ApiKeyId, type IpRules, type KeyScope, noIpRules } from "@latchkey/core";
import type { KeyMode, RateLimit } from "@latchkey/snapshot";
import type { Problems } from "../../errors/user-error.js";
import { checkText, type Maybe } from "../../forms/form.js";
import { checkIpRules, type IpRulesForm } from "../../forms/ip-rules-form.js";
import { checkLimits, type LimitsForm } from "../../forms/limit-form.js";
import {
  checkOwnership,
  noOwnership,
  type Ownership,
  type OwnershipForm,
} from "../../forms/ownership-form.js";
import { checkScopes, type KeyScopeForm } from "./key-scope-form.js";

export interface ApiKey extends Ownership {
  readonly id: ApiKeyId;
  readonly apiId: ApiId;
  readonly name: string;
  /** SHA-256 of the secret. */
  readonly digest: Buffer;
  /** What may be shown: `lk_4fZ9aQ…`. */
  readonly display: string;
  readonly active: boolean;
  readonly mode: KeyMode;
  /** Null: never. */
  readonly expiresAtMs: number | null;
  /** The secret before the last regeneration, while it lives on. */
  readonly previous: { readonly digest: Buffer; readonly notAfterMs: number } | null;
  readonly encryptedSecret: Buffer | null;
  readonly rateLimit: RateLimit | null;
  readonly quota: RateLimit | null;
  readonly ipRules: IpRules;
  /** Empty: every route of its API. */
  readonly scopes: readonly KeyScope[];
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly lastUsedAtMs: number | null;
}

const DAY_SECONDS = 86_400;

export const apiKeyLimits = {
  nameCharsMax: 100,
  keysAnApiMax: 1000,
  overlapSecondsMax: 30 * DAY_SECONDS,
} as const;

/** A field left out stays as it is; null takes the expiry or the limit away. */
export interface ApiKeyForm extends LimitsForm, OwnershipForm {
  readonly name?: Maybe<string>;
  readonly active?: Maybe<boolean>;
  readonly mode?: Maybe<KeyMode>;
  readonly expiresAt?: Maybe<Date>;
  readonly ipRules?: Maybe<IpRulesForm>;
  readonly scopes?: Maybe<readonly KeyScopeForm[]>;
}

export type ApiKeyContent = Pick<
  ApiKey,
  "name" | "active" | "mode" | "expiresAtMs" | "rateLimit" | "quota" | "ipRules" | "scopes" | keyof Ownership
>;

export const emptyApiKey: ApiKeyContent = {
  name: "Default",
  active: true,
  mode: "header",
  expiresAtMs: null,
  rateLimit: null,
  quota: null,
  ipRules: noIpRules,
  scopes: [],
  ...noOwnership,
};

export interface ApiKeyFormOptions {
  readonly nowMs: number;
  /** A new key must not be expired from the start. */
  readonly isNew: boolean;
}

/** `base` with the form applied; what is wrong goes to `problems`. */
export function applyApiKeyForm(
  problems: Problems,
  base: ApiKeyContent,
  form: ApiKeyForm,
  options: ApiKeyFormOptions,
): ApiKeyContent {
  return {
    name: checkText(problems, ["input", "name"], "The name", form.name ?? base.name, {
      charsMax: apiKeyLimits.nameCharsMax,
      required: true,
    }),
    active: form.active ?? base.active,
    mode: form.mode ?? base.mode,
    expiresAtMs:
      form.expiresAt === undefined ? base.expiresAtMs : checkExpiry(problems, form.expiresAt, options),
    ...checkLimits(problems, ["input"], base, form),
    ipRules: checkIpRules(problems, base.ipRules, form.ipRules),
    ...checkOwnership(problems, base, form),
    scopes: form.scopes === undefined ? base.scopes : checkScopes(problems, form.scopes ?? []),
  };
}

function checkExpiry(problems: Problems, expiresAt: Date | null, options: ApiKeyFormOptions): number | null {
  if (expiresAt === null) return null;
  const atMs = expiresAt.getTime();
  if (options.isNew && atMs <= options.nowMs)
    problems.add("INVALID", ["input", "expiresAt"], "The expiry lies in the past.");
  // 0 means "never" on the wire, and before 1970 there were no keys.
  if (atMs <= 0) problems.add("INVALID", ["input", "expiresAt"], "The expiry is not a sensible date.");
  return atMs;
}
