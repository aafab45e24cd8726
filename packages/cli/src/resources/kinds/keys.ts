/** API keys as a kind. */
import type { Field, Kind } from "../kind.js";
import { bool, scope, time, upper } from "../parsers.js";
import { column, id } from "./shared-columns.js";
import { ipFields, labelFilter, limitFields, ownershipFields, subscription } from "./shared-fields.js";

const api: Field = {
  flags: "--api <api>",
  description: "the API, by id or title",
  input: "apiId",
  needed: true,
  refersTo: "api",
};

const keyFields: readonly Field[] = [
  ...ownershipFields,
  ...limitFields,
  ...ipFields,
  {
    flags: "--scope <scope>",
    description: "'<METHOD> <path>' that it may be used for",
    input: "scopes",
    repeated: true,
    parse: scope,
  },
  {
    flags: "--mode <mode>",
    description: "where clients send it",
    input: "mode",
    choices: ["header", "webhook"],
    parse: upper,
  },
  {
    flags: "--expires-at <time>",
    description: "when it stops to work",
    input: "expiresAt",
    none: null,
    parse: time,
  },
];

export const keys: Kind = {
  name: "key",
  plural: "keys",
  typeName: "ApiKey",
  one: "apiKey",
  many: "apiKeys",
  payload: "key",
  label: "name",
  selection:
    "id name owner labels metadata display active mode rateLimit { limit windowSeconds burst } quota { limit windowSeconds burst } ipRules { allow deny } scopes { method path } expiresAt overlapUntil lastUsedAt requestsLastHour api { id title } rejections { node { name } reason since } version",
  columns: [
    id,
    column("NAME", "name"),
    { title: "API", value: (item) => (item.api as { readonly title: string }).title },
    column("KEY", "display"),
    column("ACTIVE", "active"),
    column("MODE", "mode"),
    column("EXPIRES", "expiresAt"),
    column("LAST USED", "lastUsedAt"),
  ],
  filters: [
    api,
    subscription,
    labelFilter,
    {
      flags: "--expires-before <time>",
      description: "only active ones that expire before, or have expired",
      input: "expiresBefore",
      parse: time,
    },
    {
      flags: "--active <true|false>",
      description: "only those that are active, or not",
      input: "active",
      parse: bool,
    },
  ],
  createFields: [api, ...keyFields],
  updateFields: [
    { flags: "--name <name>", description: "its new name", input: "name" },
    {
      flags: "--active <true|false>",
      description: "false refuses its requests",
      input: "active",
      parse: bool,
    },
    ...keyFields,
  ],
  canUpdate: true,
  secret: "secret",
  hasSearch: true,
  examples: {
    list: [
      "latchkey list keys --api Orders",
      "latchkey list keys --label team:orders --expires-before 2027-01-31T00:00:00Z",
    ],
    get: ["latchkey get key <id>"],
    create: [
      "latchkey create key 'Partner A' --api Orders",
      "latchkey create key 'Partner B' --api Orders --scope 'GET /orders/{id}' --allow-ip 203.0.113.0/24",
    ],
    update: [
      "latchkey update key <id> --expires-at 2027-01-31T12:00:00Z",
      "latchkey update key <id> --scope none --allow-ip none --expires-at none",
    ],
    delete: ["latchkey delete key <id> --yes"],
  },
};
