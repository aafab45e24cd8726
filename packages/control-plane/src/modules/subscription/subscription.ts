/** A Subscription: the tenant that owns integrations and APIs. */
import type { SubscriptionId } from "@latchkey/core";
import type { Problems } from "../../errors/user-error.js";
import { checkText } from "../../forms/form.js";

export interface Subscription {
  readonly id: SubscriptionId;
  readonly name: string;
  /** Grows by one with each change. */
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

const subscriptionLimits = { nameCharsMax: 200 } as const;

export function checkSubscriptionName(problems: Problems, name: string): string {
  return checkText(problems, ["input", "name"], "The name", name, {
    charsMax: subscriptionLimits.nameCharsMax,
    required: true,
  });
}
