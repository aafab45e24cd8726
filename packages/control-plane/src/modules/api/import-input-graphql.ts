/** What `importOpenApi` takes, as GraphQL has it. */
import { Field, ID, InputType, Int } from "type-graphql";
import { ImportIntegrationsEnum, ImportSplitEnum, ImportValidateEnum } from "./import-enums-graphql.js";
import type { ImportIntegrations } from "./import-input.js";
import type { ImportValidate } from "./import-routes.js";
import type { ImportSplit } from "./import-split.js";

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
