/** The kinds of resources that people manage. */
import type { Column } from "../format/table.js";
import type { Field, Item, Kind } from "./kind.js";
import { bool, entry, headerRule, limit, route, scope, textFrom, time, upper } from "./parsers.js";

const column = (title: string, field: string): Column<Item> => ({
  title,
  value: (item) => item[field] as string | number | boolean | null,
});
const nameOf = (value: unknown): string => (value as { readonly name: string }).name;
const id = column("ID", "id");
const subscriptionColumn: Column<Item> = {
  title: "SUBSCRIPTION",
  value: (item) => nameOf(item.subscription),
};

const subscription: Field = {
  flags: "--subscription <subscription>",
  description: "the subscription, by id or name",
  input: "subscriptionId",
  refersTo: "subscription",
};

const api: Field = {
  flags: "--api <api>",
  description: "the API, by id or title",
  input: "apiId",
  refersTo: "api",
};

const limitFields: readonly Field[] = [
  {
    flags: "--rate-limit <limit>",
    description: "requests in a time, such as 100/m; none takes it away",
    input: "rateLimit",
    parse: limit,
  },
  {
    flags: "--quota <limit>",
    description: "the same in all, such as 1000/30d",
    input: "quota",
    parse: limit,
  },
];

const ownershipFields: readonly Field[] = [
  { flags: "--owner <owner>", description: "the person or team responsible for it", input: "owner" },
  {
    flags: "--label <label>",
    description: "such as team:orders; may be repeated",
    input: "labels",
    repeated: true,
  },
  {
    flags: "--metadata <entry>",
    description: "'<name>=<value>'; may be repeated",
    input: "metadata",
    repeated: true,
    parse: entry,
  },
];

const labelFilter: Field = {
  flags: "--label <label>",
  description: "only those with this label",
  input: "label",
};

const ipFields: readonly Field[] = [
  {
    flags: "--allow-ip <block>",
    description: "an address or CIDR block that requests may come from; may be repeated",
    input: "ipRules.allow",
    repeated: true,
  },
  {
    flags: "--deny-ip <block>",
    description: "one that they may not come from; may be repeated",
    input: "ipRules.deny",
    repeated: true,
  },
];

const keyFields: readonly Field[] = [
  ...ownershipFields,
  ...limitFields,
  ...ipFields,
  {
    flags: "--scope <scope>",
    description: "'<METHOD> <path>' that it may be used for; may be repeated",
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
  { flags: "--expires-at <time>", description: "when it stops to work", input: "expiresAt", parse: time },
];

const integrationFields: readonly Field[] = [
  ...limitFields,
  {
    flags: "--target <url>",
    description: "where requests go; may be repeated",
    input: "urls",
    repeated: true,
  },
  {
    flags: "--method <method>",
    description: "method towards the target (post, as_received, …)",
    input: "method",
    parse: upper,
  },
  { flags: "--description <text>", description: "for people", input: "description" },
  {
    flags: "--web-sockets <true|false>",
    description: "whether clients may switch to WebSocket",
    input: "webSockets",
    parse: bool,
  },
  {
    flags: "--request-header <rule>",
    description: "'set <name>: <value>', 'append …' or 'remove <name>'; may be repeated",
    input: "headerRules.request",
    repeated: true,
    parse: headerRule,
  },
  {
    flags: "--response-header <rule>",
    description: "the same for responses; may be repeated",
    input: "headerRules.response",
    repeated: true,
    parse: headerRule,
  },
  {
    flags: "--credential <credential>",
    description: "what its requests log in with, by id or name; may be repeated",
    input: "credentialIds",
    repeated: true,
    refersTo: "credential",
  },
  {
    flags: "--spelled-header <name>",
    description: "a header in the spelling that the target needs; may be repeated",
    input: "spelledHeaders",
    repeated: true,
  },
];

const apiFields: readonly Field[] = [
  ...ownershipFields,
  ...limitFields,
  ...ipFields,
  { flags: "--summary <text>", description: "for people", input: "summary" },
  { flags: "--version-label <label>", description: "such as v1", input: "versionLabel" },
  {
    flags: "--recoverable <true|false>",
    description: "whether keys can be shown again",
    input: "recoverable",
    parse: bool,
  },
  {
    flags: "--route <route>",
    description: "'<METHOD> <path>=<integration>'; may be repeated",
    input: "routes",
    repeated: true,
    parse: route,
  },
];

const subscriptions: Kind = {
  name: "subscription",
  plural: "subscriptions",
  typeName: "Subscription",
  one: "subscription",
  many: "subscriptions",
  payload: "subscription",
  label: "name",
  selection: "id name createdAt version",
  columns: [id, column("NAME", "name"), column("CREATED", "createdAt")],
  filters: [],
  createFields: [],
  updateFields: [{ flags: "--name <name>", description: "its new name", input: "name" }],
  canUpdate: true,
  hasSearch: true,
  examples: {
    list: ["latchkey list subscriptions"],
    get: ["latchkey get subscription Sample -o yaml"],
    create: ["latchkey create subscription 'Warehouse north'"],
    update: ["latchkey update subscription Sample --name 'Warehouse south'"],
    delete: ["latchkey delete subscription Sample --yes"],
  },
};

const integrations: Kind = {
  name: "integration",
  plural: "integrations",
  typeName: "Integration",
  one: "integration",
  many: "integrations",
  payload: "integration",
  label: "name",
  selection:
    "id name urls method inboundKind routeCount description rateLimit { limit windowSeconds burst } quota { limit windowSeconds burst } headerRules { request { action name value } response { action name value } } spelledHeaders webSockets credentials { id name } subscription { id name } updatedAt version",
  columns: [
    id,
    column("NAME", "name"),
    subscriptionColumn,
    column("METHOD", "method"),
    { title: "TARGETS", value: ({ urls }) => (urls as readonly string[]).join(", ") },
    column("ROUTES", "routeCount"),
  ],
  filters: [subscription],
  createFields: [subscription, ...integrationFields],
  updateFields: [
    { flags: "--name <name>", description: "its new name", input: "name" },
    ...integrationFields,
  ],
  canUpdate: true,
  hasSearch: true,
  examples: {
    list: ["latchkey list integrations --subscription Sample"],
    get: ["latchkey get integration Orders --json"],
    create: [
      "latchkey create integration Orders --subscription Sample --target https://orders.example.com/in",
      "latchkey get integration Orders -o yaml   # then, of a file with the fields of CreateIntegrationInput:",
      "latchkey create integration Orders --subscription Sample --file integration.yaml",
    ],
    update: [
      "latchkey update integration Orders --target https://orders.example.com/v2",
      "latchkey update integration Orders --request-header 'set X-Tenant: north' --request-header 'remove Cookie'",
    ],
    delete: ["latchkey delete integration Orders --yes"],
  },
};

const credentialFields: readonly Field[] = [
  { flags: "--header <name>", description: "the secret is the value of this header", input: "header.name" },
  {
    flags: "--query <name>",
    description: "the secret is the value of this query parameter",
    input: "query.name",
  },
  { flags: "--user <name>", description: "the secret is the password of this user", input: "basic.userName" },
  { flags: "--token-url <url>", description: "OAuth: where nodes get tokens", input: "oauth.tokenUrl" },
  { flags: "--client-id <id>", description: "OAuth: the client", input: "oauth.clientId" },
  {
    flags: "--client-authentication <way>",
    description: "OAuth: client_secret_basic, client_secret_post or private_key_jwt",
    input: "oauth.clientAuthentication",
    parse: upper,
  },
  { flags: "--scope <scope>", description: "OAuth: scope of the token", input: "oauth.scope" },
  { flags: "--audience <audience>", description: "OAuth: audience of the token", input: "oauth.audience" },
  { flags: "--resource <uri>", description: "OAuth: resource of the token", input: "oauth.resource" },
  {
    flags: "--certificate-file <path>",
    description: "mutual TLS: the client certificate as PEM; the secret is its private key",
    input: "mutualTls.certificate",
    parse: textFrom,
  },
  {
    flags: "--ca-file <path>",
    description: "mutual TLS: the authorities that sign the target's certificate, as PEM",
    input: "mutualTls.ca",
    parse: textFrom,
  },
  {
    flags: "--server-name <name>",
    description: "mutual TLS: the name in the target's certificate",
    input: "mutualTls.serverName",
  },
  { flags: "--region <region>", description: "AWS Signature Version 4: the region", input: "aws.region" },
  { flags: "--service <service>", description: "AWS: the service (execute-api, s3)", input: "aws.service" },
  { flags: "--access-key-id <id>", description: "AWS: the access key id", input: "aws.accessKeyId" },
  {
    flags: "--secret-file <path>",
    description: "a file with the secret; - reads standard input",
    input: "secret.value",
    parse: textFrom,
  },
  {
    flags: "--secret-reference <reference>",
    description: "env:NAME or file:/path, which each node resolves",
    input: "secret.reference",
  },
];

const credentials: Kind = {
  name: "credential",
  plural: "credentials",
  typeName: "Credential",
  one: "credential",
  many: "credentials",
  payload: "credential",
  label: "name",
  selection:
    "id name kind secretReference secretSetAt integrationCount header { name } query { name } basic { userName } oauth { tokenUrl clientId clientAuthentication scope audience resource keyId } mutualTls { certificate ca serverName } aws { region service accessKeyId } subscription { id name } updatedAt version",
  columns: [
    id,
    column("NAME", "name"),
    subscriptionColumn,
    column("KIND", "kind"),
    column("SECRET SET", "secretSetAt"),
    column("INTEGRATIONS", "integrationCount"),
  ],
  filters: [subscription],
  createFields: [subscription, ...credentialFields],
  updateFields: [{ flags: "--name <name>", description: "its new name", input: "name" }, ...credentialFields],
  canUpdate: true,
  hasSearch: true,
  examples: {
    list: ["latchkey list credentials --subscription Sample"],
    get: ["latchkey get credential 'Orders key'"],
    create: [
      "latchkey create credential 'Orders key' --subscription Sample --header X-Api-Key --secret-file - < key.txt",
      "latchkey create credential 'Orders certificate' --subscription Sample --certificate-file client.pem --secret-file client-key.pem",
      "latchkey create credential 'Orders login' --subscription Sample --header X-Api-Key --secret-reference file:/run/secrets/orders",
    ],
    update: ["latchkey update credential 'Orders key' --secret-file new-key.txt"],
    delete: ["latchkey delete credential 'Orders key' --yes"],
  },
};

const apis: Kind = {
  name: "api",
  plural: "apis",
  typeName: "Api",
  one: "api",
  many: "apis",
  payload: "api",
  label: "title",
  selection:
    "id title summary owner labels metadata versionLabel recoverable rateLimit { limit windowSeconds burst } quota { limit windowSeconds burst } ipRules { allow deny } routeCount subscription { id name } routes { id method path operationId integration { id name } } updatedAt version",
  columns: [
    id,
    column("TITLE", "title"),
    subscriptionColumn,
    column("VERSION", "versionLabel"),
    {
      title: "ROUTES",
      value: ({ routes }) => {
        const all = routes as readonly { readonly method: string; readonly path: string }[];
        const shown = all.slice(0, 3).map(({ method, path }) => `${method} ${path}`);
        return [...shown, ...(all.length > 3 ? [`… ${all.length} in all`] : [])].join(", ");
      },
    },
  ],
  filters: [subscription, labelFilter],
  createFields: [subscription, ...apiFields],
  updateFields: [{ flags: "--title <title>", description: "its new title", input: "title" }, ...apiFields],
  canUpdate: true,
  secret: "secret",
  hasSearch: true,
  examples: {
    list: ["latchkey list apis", "latchkey list apis --search orders --json"],
    get: ["latchkey get api Orders"],
    create: [
      "latchkey create api Orders --subscription Sample --route 'PUT /orders/{id}=Orders'",
      "latchkey create api Orders --subscription Sample --file - < api.yaml",
    ],
    update: [
      "latchkey update api Orders --summary 'Orders of the north'",
      "latchkey update api Orders --rate-limit 100/m --quota 100000/30d",
    ],
    delete: ["latchkey delete api Orders --yes"],
  },
};

const keys: Kind = {
  name: "key",
  plural: "keys",
  typeName: "ApiKey",
  one: "apiKey",
  many: "apiKeys",
  payload: "key",
  label: "name",
  selection:
    "id name owner labels metadata display active mode ipRules { allow deny } scopes { method path } expiresAt overlapUntil lastUsedAt requestsLastHour api { id title } version",
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
    update: ["latchkey update key <id> --expires-at 2027-01-31T12:00:00Z"],
    delete: ["latchkey delete key <id> --yes"],
  },
};

const nodes: Kind = {
  name: "node",
  plural: "nodes",
  typeName: "Node",
  one: "ingressNode",
  many: "ingressNodes",
  payload: "node",
  label: "name",
  selection:
    "id name status connected draining softwareVersion revision { epoch number } lagRevisions lastSeenAt requestsPerSecond requestsInFlight rssBytes",
  columns: [
    id,
    column("NAME", "name"),
    column("STATUS", "status"),
    column("RELEASE", "softwareVersion"),
    {
      title: "REVISION",
      value: ({ revision }) => {
        const at = revision as { readonly epoch: number; readonly number: number } | null;
        return at === null ? null : `${at.epoch}/${at.number}`;
      },
    },
    column("BEHIND", "lagRevisions"),
    { title: "REQ/S", value: (item) => (item.requestsPerSecond as number).toFixed(1) },
    column("LAST SEEN", "lastSeenAt"),
  ],
  filters: [],
  createFields: [],
  updateFields: [],
  canUpdate: false,
  secret: "token",
  hasSearch: false,
  examples: {
    list: ["latchkey list nodes"],
    get: ["latchkey get node node-1"],
    create: ["latchkey create node node-2"],
    delete: ["latchkey delete node node-2 --yes"],
  },
};

export const KINDS: readonly Kind[] = [subscriptions, integrations, credentials, apis, keys, nodes];

export function kindNamed(name: string): Kind {
  const found = KINDS.find((kind) => kind.name === name);
  if (found === undefined) throw new Error(`there is no kind ${name}`);
  return found;
}
