/** APIs as a kind. */
import type { Field, Kind } from "../kind.js";
import { bool, route } from "../parsers.js";
import { corsFields } from "./cors-fields.js";
import { column, id, subscriptionColumn } from "./shared-columns.js";
import { ipFields, labelFilter, limitFields, ownershipFields, subscription } from "./shared-fields.js";

const apiFields: readonly Field[] = [
  ...ownershipFields,
  ...limitFields,
  ...ipFields,
  ...corsFields,
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
    description: "'<METHOD> <path>=<integration>'",
    input: "routes",
    repeated: true,
    parse: route,
  },
];

export const apis: Kind = {
  name: "api",
  plural: "apis",
  typeName: "Api",
  one: "api",
  many: "apis",
  payload: "api",
  label: "title",
  selection:
    "id title summary owner labels metadata versionLabel recoverable rateLimit { limit windowSeconds burst } quota { limit windowSeconds burst } ipRules { allow deny } cors { origins methods headers exposedHeaders credentials maxAgeSeconds } routeCount subscription { id name } routes { id method path operationId integration { id name } } rejections { node { name } reason since } updatedAt version",
  details:
    "routes { id method path operationId integration { id name } validate responseValidation requestBodyBytesMax rateLimit { limit windowSeconds burst } quota { limit windowSeconds burst } headerRules { request { action name value } response { action name value } } }",
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
      "latchkey update api Orders --cors-origin https://app.example.com --cors-max-age 3600",
    ],
    delete: ["latchkey delete api Orders --yes"],
  },
};
