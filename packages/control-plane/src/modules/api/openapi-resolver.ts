/** The OpenAPI document of an API, and APIs from documents. */
import { groupNotes } from "@latchkey/openapi";
import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { type RequestContext, workContext } from "../../graphql-app/request-context.js";
import { type Payload, payloadHead, whenOk } from "../../receipts/mutation-payload.js";
import { toIntegrationType } from "../integration/integration-graphql.js";
import { toApiKeyType } from "../key/api-key-graphql.js";
import { ApiType, toApiType } from "./api-graphql.js";
import { DocumentArgs } from "./document-args.js";
import type { DocumentService } from "./document-service.js";
import { ImportOpenApiInput } from "./import-input-graphql.js";
import type { ImportedApi } from "./import-parts.js";
import type { ImportService } from "./import-service.js";
import {
  type ImportedApiType,
  ImportOpenApiPayload,
  toImportedRouteType,
  toImportNoteType,
} from "./openapi-graphql.js";

@Resolver(() => ApiType)
export class OpenApiResolver {
  readonly #openapi: DocumentService;
  readonly #imports: ImportService;

  constructor(deps: { readonly openapi: DocumentService; readonly imports: ImportService }) {
    this.#openapi = deps.openapi;
    this.#imports = deps.imports;
  }

  @FieldResolver(() => String, {
    description: "Its OpenAPI document as text. As a download: `GET /apis/<id>/openapi.json` or `.yaml`.",
  })
  async openapi(
    @Root() api: ApiType,
    @Args(() => DocumentArgs) { version, format }: DocumentArgs,
  ): Promise<string> {
    return (await this.#openapi.document(api.id, version, format))?.text ?? "";
  }

  @Mutation(() => ImportOpenApiPayload, {
    description:
      "Makes an API of an OpenAPI document, or changes the routes of one. An error changes nothing.",
  })
  async importOpenApi(
    @Arg("input", () => ImportOpenApiInput, { description: "The document, and where it leads." })
    input: ImportOpenApiInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<ImportOpenApiPayload>> {
    const { dryRun } = input;
    const { outcome, plan, addedIntegrations, ...read } = await this.#imports.import(
      { ...workContext(ctx), dryRun },
      input,
    );
    ctx.loaders.clear();
    const notes = read.notes.map(toImportNoteType);
    const apis = whenOk(outcome, (value) => value.apis.map((api) => toImportedApiType(api, dryRun))) ?? [];
    const [first] = apis;
    return {
      ...payloadHead(outcome),
      api: first?.api ?? null,
      key: first?.key ?? null,
      secret: first?.secret ?? null,
      apis,
      dryRun,
      routes: plan.map(toImportedRouteType),
      unreadOperations: read.unread,
      documentTitle: read.title,
      integrations: addedIntegrations.map(toIntegrationType),
      notes,
      noteGroups: groupNotes(notes),
    };
  }
}

/** A dry run rolls back what it made: neither ids nor secrets are of use. */
function toImportedApiType({ api, routes, key, secret }: ImportedApi, dryRun: boolean): ImportedApiType {
  return {
    title: api.title,
    routeCount: routes.length,
    api: dryRun ? null : toApiType(api),
    key: dryRun || key === null ? null : toApiKeyType(key),
    secret: dryRun ? null : secret,
  };
}
