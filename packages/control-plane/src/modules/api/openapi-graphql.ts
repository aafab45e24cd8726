/** OpenAPI documents out and in, as GraphQL shows and takes them. */
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { MutationPayload } from "../../graphql/user-error.js";
import { IntegrationType } from "../integration/integration-graphql.js";
import { ApiKeyType } from "../key/api-key-graphql.js";
import type { RouteMethod } from "./api.js";
import type { DocumentVersion } from "./api-document.js";
import { ApiType } from "./api-graphql.js";
import type { ContractMode } from "./import-contracts.js";
import type { ImportNote, PlannedRoute, RouteFate } from "./import-service.js";
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
    KEPT: { description: "The document does not have it, and it stays." },
    REMOVED: { description: "The document does not have it, and `replace` was asked for." },
  },
});

const ImportContractsEnum = {
  KEEP: "keep",
  FILL: "fill",
  REPLACE: "replace",
} as const satisfies Record<string, ContractMode>;
registerEnumType(ImportContractsEnum, {
  name: "ImportContracts",
  description:
    "What an import does with schemas, content types and examples of bodies, which are an integration's. Where other routes lead to the integration, or the document's operations say different things of it, it stays as it is.",
  valuesConfig: {
    KEEP: { description: "Integrations stay as they are." },
    FILL: { description: "An integration that says nothing of a body takes what the document says." },
    REPLACE: { description: "An integration takes what the document says." },
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
    "Which integration serves which operation: the first that matches of operations, tags, summaries, default. A route that is there already keeps its integration when nothing matches.",
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
    description: "By summary. Names of the subscription's integrations match by themselves.",
  })
  summaries?: OpenApiMappingEntryInput[] | null;
}

@InputType({ description: "An OpenAPI document to take over." })
export class ImportOpenApiInput {
  @Field(() => String, {
    description:
      "OpenAPI 3.0 or 3.1 as JSON or YAML, at most 16 MiB and 5,000 operations. References to other documents are not followed.",
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

  @Field(() => ImportContractsEnum, {
    defaultValue: ImportContractsEnum.FILL,
    description: "What becomes of bodies that the document describes.",
  })
  contracts!: ContractMode;

  @Field(() => Boolean, {
    defaultValue: false,
    description: "Change nothing; only show what would come of it.",
  })
  dryRun!: boolean;
}

@ObjectType("ImportNote", {
  description: "Something to know about an import, with its place in the document.",
})
export class ImportNoteType implements ImportNote {
  @Field(() => ImportSeverityEnum, { description: "What it means." })
  severity!: ImportNote["severity"];

  @Field(() => String, { description: "Which kind of note: `path.unsupported`, `no_counterpart`." })
  code!: string;

  @Field(() => String, { description: "JSON pointer (RFC 6901) into the document; empty for all of it." })
  pointer!: string;

  @Field(() => String, { description: "One sentence." })
  message!: string;
}

@ObjectType("ImportedRoute", { description: "What an import does to one route." })
export class ImportedRouteType implements PlannedRoute {
  @Field(() => RouteMethodEnum, { description: "The method." })
  method!: RouteMethod;

  @Field(() => String, { description: "The path pattern." })
  path!: string;

  @Field(() => String, { description: "Name of the operation." })
  operationId!: string;

  @Field(() => ID, { description: "The integration that gets the requests." })
  integrationId!: string;

  @Field(() => RouteFateEnum, { description: "What is done to it." })
  fate!: RouteFate;
}

@ObjectType({ description: "Answer to `importOpenApi`." })
export class ImportOpenApiPayload extends MutationPayload {
  @Field(() => ApiType, {
    nullable: true,
    description: "The API as it is now; null for a dry run and when there are user errors.",
  })
  api!: ApiType | null;

  @Field(() => ApiKeyType, { nullable: true, description: "The key that was made along with a new API." })
  key!: ApiKeyType | null;

  @Field(() => String, { nullable: true, description: "That key's secret. Shown this once." })
  secret!: string | null;

  @Field(() => Boolean, { description: "Nothing was changed because it was not asked for." })
  dryRun!: boolean;

  @Field(() => [ImportedRouteType], {
    description: "What is done to each route, or would be; empty when there are user errors.",
  })
  routes!: readonly PlannedRoute[];

  @Field(() => [IntegrationType], {
    description:
      "Integrations that took their description of bodies from the document, or would; empty when there are user errors.",
  })
  integrations!: readonly IntegrationType[];

  @Field(() => [ImportNoteType], {
    description: "What the document says and an API has no place for, and what was wrong.",
  })
  notes!: readonly ImportNote[];
}
