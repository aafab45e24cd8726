/** OpenAPI documents out and in, as GraphQL shows and takes them. */
import type { NoteGroup, UnreadOperation } from "@latchkey/openapi";
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { make } from "../../graphql/relay-node.js";
import { MutationPayload } from "../../receipts/mutation-payload.js";
import { IntegrationType } from "../integration/integration-graphql.js";
import { ApiKeyType } from "../key/api-key-graphql.js";
import type { RouteMethod } from "./api.js";
import type { DocumentVersion } from "./api-document.js";
import { ApiType } from "./api-graphql.js";
import type { ImportNote } from "./import-note.js";
import type { ImportValidate, PlannedRoute, RouteFate } from "./import-routes.js";
import type { ImportIntegrations } from "./import-service.js";
import type { ImportSplit } from "./import-split.js";
import { RouteMethodEnum } from "./route-method-graphql.js";

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

const ImportSeverityEnum = {
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

const RouteFateEnum = {
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

const ImportIntegrationsEnum = {
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

const ImportValidateEnum = { KEEP: "keep", ON: "on", OFF: "off" } as const satisfies Record<
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

const ImportSplitEnum = { TAG: "tag", PATH: "path" } as const satisfies Record<string, ImportSplit>;
registerEnumType(ImportSplitEnum, {
  name: "ImportSplit",
  description: "What makes the operations of a document APIs of their own.",
  valuesConfig: {
    TAG: { description: "The first tag; without one, the path." },
    PATH: { description: "The first segment in which the document's paths differ." },
  },
});

@InputType({ description: "What in the document leads to which integration." })
export class OpenApiMappingEntryInput {
  @Field(() => String, {
    description: "An operation id or `GET /path`, a tag, or a summary, as the document has it.",
  })
  match!: string;

  @Field(() => ID, { description: "The integration." })
  integrationId!: string;
}

@InputType({
  description:
    "Which integration serves which operation: the first that matches of operations, tags, summaries. Else a stored route keeps its integration; a new one gets the integration whose name is its summary, or the default.",
})
export class OpenApiMappingInput {
  @Field(() => ID, { nullable: true, description: "For every operation that nothing else matches." })
  default?: string | null;

  @Field(() => [OpenApiMappingEntryInput], {
    nullable: true,
    description: "By operation id, or `GET /path`.",
  })
  operations?: OpenApiMappingEntryInput[] | null;

  @Field(() => [OpenApiMappingEntryInput], { nullable: true, description: "By tag." })
  tags?: OpenApiMappingEntryInput[] | null;

  @Field(() => [OpenApiMappingEntryInput], {
    nullable: true,
    description: "By summary.",
  })
  summaries?: OpenApiMappingEntryInput[] | null;
}

@InputType({ description: "An OpenAPI document to take over." })
export class ImportOpenApiInput {
  @Field(() => String, {
    description:
      "OpenAPI 3.0, 3.1 or 3.2, or Swagger 2.0, as JSON or YAML, at most 16 MiB and 5,000 operations (20,000 with `split`). References to other documents are not followed.",
  })
  document!: string;

  @Field(() => ID, {
    nullable: true,
    description: "The API whose routes to change; without it a new one is made.",
  })
  apiId?: string | null;

  @Field(() => Int, { nullable: true, description: "Change the API only if this is still its `version`." })
  expectedVersion?: number | null;

  @Field(() => ID, { nullable: true, description: "The subscription of a new API." })
  subscriptionId?: string | null;

  @Field(() => String, { nullable: true, description: "Title of a new API, instead of the document's." })
  title?: string | null;

  @Field(() => OpenApiMappingInput, {
    nullable: true,
    description: "Which integration serves which operation.",
  })
  mapping?: OpenApiMappingInput | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: "Delete routes that the document does not have.",
  })
  replace!: boolean;

  @Field(() => ImportIntegrationsEnum, {
    defaultValue: ImportIntegrationsEnum.MAPPED,
    description: "Where routes lead that neither the mapping nor a stored route says.",
  })
  integrations!: ImportIntegrations;

  @Field(() => String, {
    nullable: true,
    description:
      "Server of the integrations that are made, instead of the document's: `https://orders.example/v1`.",
  })
  serverUrl?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "In front of the document's paths: `/api/v1`. Without it the path of the document's first server, unless the API's routes have none; `\"\"` for none.",
  })
  pathPrefix?: string | null;

  @Field(() => ImportSplitEnum, {
    nullable: true,
    description: "Make several new APIs of the document, at most 100; without it one API.",
  })
  split?: ImportSplit | null;

  @Field(() => ImportValidateEnum, {
    defaultValue: ImportValidateEnum.KEEP,
    description: "What becomes of `validate` of the document's routes.",
  })
  validate!: ImportValidate;

  @Field(() => Boolean, {
    defaultValue: false,
    description: "Change nothing; only show what would come of it.",
  })
  dryRun!: boolean;
}

@ObjectType("ImportNote", {
  description: "Something to know about an import, with its place in the document.",
})
export class ImportNoteType implements Omit<ImportNote, "place"> {
  @Field(() => ImportSeverityEnum, { description: "What it means." })
  severity!: ImportNote["severity"];

  @Field(() => String, { description: "Which kind of note: `path.unsupported`, `no_counterpart`." })
  code!: string;

  @Field(() => String, { description: "JSON pointer (RFC 6901) into the document; empty for all of it." })
  pointer!: string;

  @Field(() => String, { description: "One sentence." })
  message!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Of an error: the line of the document's text, from 1, where it is known.",
  })
  line!: number | null;

  @Field(() => Int, { nullable: true, description: "The column in that line, from 1." })
  column!: number | null;
}

export function toImportNoteType({ place, ...note }: ImportNote): ImportNoteType {
  return { ...note, line: place?.line ?? null, column: place?.column ?? null };
}

@ObjectType("ImportNoteGroup", { description: "Notes of an import of one kind." })
class ImportNoteGroupType implements NoteGroup<ImportNoteType> {
  @Field(() => ImportSeverityEnum, { description: "What they mean." })
  severity!: ImportNote["severity"];

  @Field(() => String, { description: "Which kind of note: `path.unsupported`, `no_counterpart`." })
  code!: string;

  @Field(() => String, { description: "One sentence about all of them." })
  title!: string;

  @Field(() => Int, { description: "How many there are." })
  count!: number;

  @Field(() => [ImportNoteType], { description: "The first three of them." })
  examples!: readonly ImportNoteType[];
}

@ObjectType("ImportedRoute", { description: "What an import does to one route." })
export class ImportedRouteType implements Omit<PlannedRoute, "source"> {
  @Field(() => RouteMethodEnum, { description: "The method." })
  method!: RouteMethod;

  @Field(() => String, { description: "The path pattern." })
  path!: string;

  @Field(() => String, { description: "Name of the operation." })
  operationId!: string;

  @Field(() => ID, {
    nullable: true,
    description: "The integration that gets the requests; null in a dry run when nothing says which one.",
  })
  integrationId!: string | null;

  @Field(() => RouteFateEnum, { description: "What is done to it." })
  fate!: RouteFate;

  @Field(() => String, { description: "Summary of its operation; may be empty." })
  summary!: string;

  @Field(() => [String], { description: "Tags of its operation." })
  tags!: readonly string[];

  @Field(() => String, {
    nullable: true,
    description:
      "What a mapping calls its operation: `GET /path` as the document has it. Null when the document does not have the route.",
  })
  match!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "JSON pointer (RFC 6901) of its operation in the document, where its notes are.",
  })
  pointer!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "The first of the operation's servers in the document; null for none with http or https.",
  })
  serverUrl!: string | null;
}

export function toImportedRouteType({ source, ...route }: PlannedRoute): ImportedRouteType {
  return make(ImportedRouteType, {
    ...route,
    match: source?.mappingKey ?? null,
    pointer: source?.pointer ?? null,
    serverUrl: source?.serverUrl ?? null,
  });
}

@ObjectType("UnreadOperation", {
  description: "An operation of an imported document that no route can have. Notes at its pointer say why.",
})
class UnreadOperationType implements UnreadOperation {
  @Field(() => RouteMethodEnum, {
    nullable: true,
    description: "The method; null when none of the path's operations were read.",
  })
  method!: UnreadOperation["method"];

  @Field(() => String, { description: "The path, as the document has it." })
  path!: string;

  @Field(() => String, { nullable: true, description: "Name of the operation." })
  operationId!: string | null;

  @Field(() => String, { description: "JSON pointer (RFC 6901) of the operation in the document." })
  pointer!: string;
}

@ObjectType("ImportedApi", { description: "An API that an import makes or changes." })
export class ImportedApiType {
  @Field(() => String, { description: "Its title." })
  title!: string;

  @Field(() => Int, { description: "How many routes it has." })
  routeCount!: number;

  @Field(() => ApiType, { nullable: true, description: "The API as it is now; null for a dry run." })
  api!: ApiType | null;

  @Field(() => ApiKeyType, { nullable: true, description: "The key that was made along with a new API." })
  key!: ApiKeyType | null;

  @Field(() => String, { nullable: true, description: "That key's secret. Shown this once." })
  secret!: string | null;
}

@ObjectType({ description: "Response to `importOpenApi`." })
export class ImportOpenApiPayload extends MutationPayload {
  @Field(() => ApiType, {
    nullable: true,
    description:
      "The API as it is now, the first one of `split`; null for a dry run and when there are user errors.",
  })
  api!: ApiType | null;

  @Field(() => [ImportedApiType], {
    description:
      "The APIs that were made or changed, or would be: one, or one for each part of `split`. Empty when there are user errors.",
  })
  apis!: readonly ImportedApiType[];

  @Field(() => ApiKeyType, { nullable: true, description: "The key that was made along with a new API." })
  key!: ApiKeyType | null;

  @Field(() => String, { nullable: true, description: "That key's secret. Shown this once." })
  secret!: string | null;

  @Field(() => Boolean, { description: "Nothing was changed because it was not asked for." })
  dryRun!: boolean;

  @Field(() => [ImportedRouteType], {
    description:
      "What is done to each route, or would be. Empty when there are user errors, except in a dry run of a document that lacks nothing but integrations.",
  })
  routes!: readonly ImportedRouteType[];

  @Field(() => [UnreadOperationType], {
    description: "Operations of the document that no route can have.",
  })
  unreadOperations!: readonly UnreadOperation[];

  @Field(() => String, {
    nullable: true,
    description: "The document's title; null when the document cannot be read.",
  })
  documentTitle!: string | null;

  @Field(() => [IntegrationType], {
    description:
      "Integrations that were made of the document's servers, or would be. Those of a dry run are only shown: their ids lead nowhere.",
  })
  integrations!: readonly IntegrationType[];

  @Field(() => [ImportNoteType], {
    description: "What the document says and an API has no place for, and what was wrong.",
  })
  notes!: readonly ImportNoteType[];

  @Field(() => [ImportNoteGroupType], {
    description: "The same by severity and kind: errors first, then the kinds with the most notes.",
  })
  noteGroups!: readonly NoteGroup<ImportNoteType>[];
}
