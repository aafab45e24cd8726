/** Integrations as a kind. */
import type { Field, Kind } from "../kind.js";
import { bool, headerRule, upper } from "../parsers.js";
import { column, id, subscriptionColumn } from "./shared-columns.js";
import { limitFields, subscription } from "./shared-fields.js";

const integrationFields: readonly Field[] = [
  ...limitFields,
  {
    flags: "--target <url>",
    description: "where requests go (--url is the control plane's)",
    input: "urls",
    needed: true,
    repeated: "NONEMPTY",
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
    description: "whether clients may switch to WebSocket (engine strict)",
    input: "webSockets",
    parse: bool,
  },
  {
    flags: "--request-header <rule>",
    description: "'set <name>: <value>', 'append …' or 'remove <name>'",
    input: "headerRules.request",
    repeated: true,
    parse: headerRule,
  },
  {
    flags: "--response-header <rule>",
    description: "the same for responses",
    input: "headerRules.response",
    repeated: true,
    parse: headerRule,
  },
  {
    flags: "--credential <credential>",
    description: "what its requests log in with, by id or name",
    input: "credentialIds",
    repeated: true,
    refersTo: "credential",
  },
  {
    flags: "--spelled-header <name>",
    description: "a header in the spelling that the target needs",
    input: "spelledHeaders",
    repeated: true,
  },
];

export const integrations: Kind = {
  name: "integration",
  plural: "integrations",
  typeName: "Integration",
  one: "integration",
  many: "integrations",
  payload: "integration",
  label: "name",
  selection:
    "id name urls method inboundKind routeCount description rateLimit { limit windowSeconds burst } quota { limit windowSeconds burst } headerRules { request { action name value } response { action name value } } spelledHeaders webSockets credentials { id name } subscription { id name } rejections { node { name } reason since } updatedAt version",
  details:
    "loadBalancing forwardAuthorization limits { requestBodyBytesMax responseBodyBytesMax connectTimeoutMs firstByteTimeoutMs bodyIdleTimeoutMs concurrentRequestsMax } healthCheck { path intervalMs timeoutMs unhealthyAfter healthyAfter } circuitBreaker { failures openMs } retry { attemptsMax budgetPercent } requestSchema requestContentTypes responseSchema responseContentTypes",
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
