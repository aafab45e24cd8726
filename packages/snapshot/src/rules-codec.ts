/** What resources of several kinds have in common ⇄ protobuf: header rules, IP rules, CORS policies, limits, recordings. */
import {
  type CorsPolicy,
  type HeaderRule,
  type HeaderRuleAction,
  type HeaderRules,
  type IpRules,
  noHeaderRules,
  parseIpBlock,
} from "@latchkey/core";
import {
  type CorsPolicy as WireCorsPolicy,
  HeaderRuleAction as WireHeaderRuleAction,
  type HeaderRules as WireHeaderRules,
  type IpRules as WireIpRules,
  type RateLimit as WireRateLimit,
  type Recording as WireRecording,
} from "@latchkey/proto";
import type { DecodeError } from "./decode-error.js";
import type { RateLimit, Recording } from "./resource.js";

const ruleActions = {
  set: WireHeaderRuleAction.SET,
  append: WireHeaderRuleAction.APPEND,
  remove: WireHeaderRuleAction.REMOVE,
} as const satisfies Record<HeaderRuleAction, WireHeaderRuleAction>;
const actionsByNumber = new Map<number, HeaderRuleAction>(
  Object.entries(ruleActions).map(([action, number]) => [number, action as HeaderRuleAction]),
);

/** No rules are no bytes. */
export function headerRulesToWire(rules: HeaderRules): WireHeaderRules | undefined {
  if (rules.request.length === 0 && rules.response.length === 0) return undefined;
  const toWire = ({ action, name, value }: HeaderRule) => ({ action: ruleActions[action], name, value });
  return { request: rules.request.map(toWire), response: rules.response.map(toWire) };
}

/** Of rules without an unknown action. */
export function headerRulesFromWire(rules: WireHeaderRules | undefined): HeaderRules {
  if (rules === undefined) return noHeaderRules;
  const fromWire = ({ action, name, value }: WireHeaderRules["request"][number]): HeaderRule => ({
    action: actionsByNumber.get(action) as HeaderRuleAction,
    name,
    value,
  });
  return { request: rules.request.map(fromWire), response: rules.response.map(fromWire) };
}

export function unknownAction(rules: WireHeaderRules | undefined): DecodeError | null {
  for (const { action } of [...(rules?.request ?? []), ...(rules?.response ?? [])])
    if (!actionsByNumber.has(action))
      return { reason: `unknown header rule ${action}: this node is older than the control plane` };
  return null;
}

export function recordingToWire(recording: Recording | null): WireRecording | undefined {
  return recording === null ? undefined : { untilMs: BigInt(recording.untilMs), mask: [...recording.mask] };
}

/** No rules are no bytes. */
export function ipRulesToWire({ allow, deny }: IpRules): WireIpRules | undefined {
  return allow.length === 0 && deny.length === 0 ? undefined : { allow: [...allow], deny: [...deny] };
}

export function ipRulesFault(rules: WireIpRules | undefined): DecodeError | null {
  for (const text of [...(rules?.allow ?? []), ...(rules?.deny ?? [])])
    if (parseIpBlock(text) === null) return { reason: `"${text}" is not an address block` };
  return null;
}

export function corsToWire(policy: CorsPolicy): WireCorsPolicy {
  return {
    ...policy,
    origins: [...policy.origins],
    methods: [...policy.methods],
    headers: [...policy.headers],
    exposedHeaders: [...policy.exposedHeaders],
  };
}

export function rateLimitToWire(limit: RateLimit | null): WireRateLimit | undefined {
  if (limit === null) return undefined;
  return { limit: BigInt(limit.limit), windowSeconds: limit.windowSeconds, burst: BigInt(limit.burst) };
}

export function rateLimitFromWire(limit: WireRateLimit | undefined): RateLimit | null {
  if (limit === undefined) return null;
  return { limit: Number(limit.limit), windowSeconds: limit.windowSeconds, burst: Number(limit.burst) };
}
