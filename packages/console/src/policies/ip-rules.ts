/** IP rules as forms have them: address blocks by line. Pure. */
import type { LinesField } from "../ui/lines-inputs.js";
import { readLines } from "./read-lines.js";

export interface IpRulesValues {
  /** One address block a line. */
  readonly allowIps: string;
  readonly denyIps: string;
}

export const noIpRules: IpRulesValues = { allowIps: "", denyIps: "" };

export function toIpRulesValues(rules: {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}): IpRulesValues {
  return { allowIps: rules.allow.join("\n"), denyIps: rules.deny.join("\n") };
}

export function toIpRules({ allowIps, denyIps }: IpRulesValues) {
  return { allow: readLines(allowIps), deny: readLines(denyIps) };
}

export const ipRulesInputs: readonly LinesField<keyof IpRulesValues>[] = [
  {
    name: "allowIps",
    label: "Allowed addresses",
    description: "Addresses or CIDR blocks, one per line. Empty: any.",
    placeholder: "203.0.113.0/24",
  },
  {
    name: "denyIps",
    label: "Denied addresses",
    description: "They take precedence over allowed addresses.",
    placeholder: "203.0.113.7",
  },
];
