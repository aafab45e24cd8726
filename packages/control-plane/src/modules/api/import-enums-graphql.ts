/** Enums of OpenAPI documents and imports, as GraphQL has them. */
import { registerEnumType } from "type-graphql";
import type { DocumentVersion } from "./api-document.js";
import type { ImportIntegrations } from "./import-input.js";
import type { ImportNote } from "./import-note.js";
import type { ImportValidate, RouteFate } from "./import-routes.js";
import type { ImportSplit } from "./import-split.js";

export const OpenApiVersionEnum = { V3_0: "3.0", V3_1: "3.1" } as const satisfies Record<
  string,
  DocumentVersion
>;
registerEnumType(OpenApiVersionEnum, {
  name: "OpenApiVersion",
  description: "Version of the OpenAPI specification.",
  valuesConfig: {
    V3_0: { description: "3.0.3, which API-management products import without complaint." },
    V3_1: { description: "3.1.1, with schemas in JSON Schema 2020-12." },
  },
});

export const DocumentFormatEnum = { JSON: "json", YAML: "yaml" } as const;
registerEnumType(DocumentFormatEnum, {
  name: "DocumentFormat",
  description: "How a document is written.",
  valuesConfig: { JSON: { description: "JSON." }, YAML: { description: "YAML 1.2." } },
});

export const ImportSeverityEnum = {
  ERROR: "error",
  BEHAVIOR: "behavior",
  DOCUMENTATION: "documentation",
} as const satisfies Record<string, ImportNote["severity"]>;
registerEnumType(ImportSeverityEnum, {
  name: "ImportSeverity",
  description: "What a note of an import means.",
  valuesConfig: {
    ERROR: { description: "The document cannot be taken over; nothing was changed." },
    BEHAVIOR: { description: "The gateway does something else than the document says." },
    DOCUMENTATION: { description: "The API's document loses or changes a description." },
  },
});

export const RouteFateEnum = {
  ADDED: "added",
  CHANGED: "changed",
  UNCHANGED: "unchanged",
  KEPT: "kept",
  REMOVED: "removed",
} as const satisfies Record<string, RouteFate>;
registerEnumType(RouteFateEnum, {
  name: "RouteFate",
  description: "What an import does to a route.",
  valuesConfig: {
    ADDED: { description: "The document asks for it, and it was not there." },
    CHANGED: { description: "It was there, and the document says something else of it." },
    UNCHANGED: { description: "It was there just so." },
    KEPT: {
      description:
        "It stays: the document does not have it, or may have it in an operation that was not read (`route.spared`).",
    },
    REMOVED: { description: "The document does not have it, and `replace` was asked for." },
  },
});

export const ImportIntegrationsEnum = {
  MAPPED: "mapped",
  FROM_SERVERS: "fromServers",
} as const satisfies Record<string, ImportIntegrations>;
registerEnumType(ImportIntegrationsEnum, {
  name: "ImportIntegrations",
  description: "Where the routes of an import lead that neither the mapping nor a stored route says.",
  valuesConfig: {
    MAPPED: { description: "Nowhere: the import fails and names the operations." },
    FROM_SERVERS: {
      description:
        "To integrations that are made of the document's servers, one for each URL of server and path. One that is there already is used again.",
    },
  },
});

export const ImportValidateEnum = { KEEP: "keep", ON: "on", OFF: "off" } as const satisfies Record<
  string,
  ImportValidate
>;
registerEnumType(ImportValidateEnum, {
  name: "ImportValidate",
  description: "What becomes of `validate` of the document's routes.",
  valuesConfig: {
    KEEP: { description: "A route keeps what it has; requests to new routes are not checked." },
    ON: { description: "Requests that do not match their operation are refused." },
    OFF: { description: "Requests are not checked." },
  },
});

export const ImportSplitEnum = { TAG: "tag", PATH: "path" } as const satisfies Record<string, ImportSplit>;
registerEnumType(ImportSplitEnum, {
  name: "ImportSplit",
  description: "What makes the operations of a document APIs of their own.",
  valuesConfig: {
    TAG: { description: "The first tag; without one, the path." },
    PATH: { description: "The first segment in which the document's paths differ." },
  },
});
