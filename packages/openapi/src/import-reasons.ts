/** Why a part of an OpenAPI document has no counterpart in an Api, by where it stands. For people. */
import type { ReportCode, ReportSeverity } from "./import-report.js";

export interface Reason {
  readonly severity: ReportSeverity;
  readonly code: ReportCode;
  readonly message: string;
  /** Said once for the document, with the number of places. */
  readonly isCommon?: boolean;
}

const documentation = (message: string): Reason => ({
  severity: "documentation",
  code: "no_counterpart",
  message,
});
const behavior = (code: ReportCode, message: string): Reason => ({ severity: "behavior", code, message });

const replacedSecurity: Reason = {
  ...behavior("security.replaced", "The gateway's API key takes the place of the document's security."),
  isCommon: true,
};

const byLastKey: { readonly [key: string]: Reason } = {
  callbacks: documentation("Callbacks are calls in the other direction; a route has none."),
  webhooks: documentation(
    "Webhooks of the document are calls in the other direction; an API has routes only.",
  ),
  links: documentation("Links between operations are not kept."),
  servers: {
    severity: "documentation",
    code: "servers.replaced",
    message: "Routes are served at the gateway's public URL.",
    isCommon: true,
  },
  security: replacedSecurity,
  securitySchemes: replacedSecurity,
  externalDocs: documentation("Links to other documentation are kept for operations, tags and schemas only."),
  description: documentation("There is no place for this description."),
  summary: documentation("There is no place for this summary."),
  additionalOperations: behavior(
    "method.unsupported",
    "Methods beside those of OpenAPI 3.1 cannot be routed.",
  ),
  contact: documentation("Contact data is not kept."),
  license: documentation("License data is not kept."),
  termsOfService: documentation("Terms of service are not kept."),
  jsonSchemaDialect: documentation("Schemas are read in the dialect of the OpenAPI version."),
  $self: documentation("A document of the gateway has an address of its own."),
};

export function reasonFor(tokens: readonly string[]): Reason {
  const last = tokens.at(-1) ?? "";
  const parent = tokens.at(-2) ?? "";
  if (last.startsWith("x-"))
    return {
      severity: "documentation",
      code: "extension.dropped",
      message: `The extension \`${last}\` is not kept.`,
      isCommon: true,
    };
  if (tokens[0] === "components" && tokens.length === 3 && parent !== "securitySchemes")
    return {
      ...documentation("Components that no route uses are not kept, but for schemas."),
      isCommon: true,
    };
  // A member of a path item; elsewhere the name means nothing.
  if (last === "additionalOperations" && !isInPathItem(tokens))
    return documentation("An API has nothing like it.");
  const known = Object.hasOwn(byLastKey, last) ? byLastKey[last] : undefined;
  return known ?? documentation("An API has nothing like it.");
}

function isInPathItem(tokens: readonly string[]): boolean {
  return tokens.length === 3 && (tokens[0] === "paths" || tokens[1] === "pathItems");
}
