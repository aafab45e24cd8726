/** What becomes of an imported document: routes, notes and APIs, as GraphQL shows them. */
import type { NoteGroup, UnreadOperation } from "@latchkey/openapi";
import { Field, ID, Int, ObjectType } from "type-graphql";
import { make } from "../../graphql/relay-node.js";
import { MutationPayload } from "../../receipts/mutation-payload.js";
import { IntegrationType } from "../integration/integration-graphql.js";
import { ApiKeyType } from "../key/api-key-graphql.js";
import type { RouteMethod } from "./api.js";
import { ApiType } from "./api-graphql.js";
import { ImportSeverityEnum, RouteFateEnum } from "./import-enums-graphql.js";
import type { ImportNote } from "./import-note.js";
import type { PlannedRoute, RouteFate } from "./import-routes.js";
import { RouteMethodEnum } from "./route-method-graphql.js";

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
