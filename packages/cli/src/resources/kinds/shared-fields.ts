/** Options that several kinds have. */
import type { Field } from "../kind.js";
import { entry, limit } from "../parsers.js";

export const subscription: Field = {
  flags: "--subscription <subscription>",
  description: "the subscription, by id or name",
  input: "subscriptionId",
  needed: true,
  refersTo: "subscription",
};

export const limitFields: readonly Field[] = [
  {
    flags: "--rate-limit <limit>",
    description: "requests in a time, such as 100/m or '100/m burst=20'",
    input: "rateLimit",
    none: null,
    parse: limit,
  },
  {
    flags: "--quota <limit>",
    description: "the same in all, such as 1000/30d",
    input: "quota",
    none: null,
    parse: limit,
  },
];

export const ownershipFields: readonly Field[] = [
  {
    flags: "--owner <owner>",
    description: "the person or team responsible for it",
    input: "owner",
    none: "",
  },
  {
    flags: "--label <label>",
    description: "such as team:orders",
    input: "labels",
    repeated: true,
  },
  {
    flags: "--metadata <entry>",
    description: "'<name>=<value>'",
    input: "metadata",
    repeated: true,
    parse: entry,
  },
];

export const labelFilter: Field = {
  flags: "--label <label>",
  description: "only those with this label",
  input: "label",
};

export const ipFields: readonly Field[] = [
  {
    flags: "--allow-ip <block>",
    description: "an address or CIDR block that requests may come from",
    input: "ipRules.allow",
    repeated: true,
  },
  {
    flags: "--deny-ip <block>",
    description: "one that they may not come from",
    input: "ipRules.deny",
    repeated: true,
  },
];
