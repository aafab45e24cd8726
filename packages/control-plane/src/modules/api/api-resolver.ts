/** Queries and mutations of APIs. Calls the service and maps; decides nothing. */
import { GraphQLJSONObject } from "graphql-scalars";
import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import {
  ConnectionArgs,
  type ConnectionShape,
  toConnection,
  toPageRequest,
} from "../../graphql/connection.js";
import { type RequestContext, workContext } from "../../graphql-app/request-context.js";
import { type Payload, payloadHead, whenOk } from "../../receipts/mutation-payload.js";
import { ApiKeyConnection, type ApiKeyType, toApiKeyType } from "../key/api-key-graphql.js";
import type { ApiKeyService } from "../key/api-key-service.js";
import { SubscriptionType, toSubscriptionType } from "../subscription/subscription-graphql.js";
import { ApiConnection, ApiType, RouteType, toApiType, toRouteType } from "./api-graphql.js";
import {
  ApiFilter,
  ApiOrder,
  CreateApiInput,
  CreateApiPayload,
  DeleteApiInput,
  DeleteApiPayload,
  DuplicateApiInput,
  DuplicateApiPayload,
  UpdateApiInput,
  UpdateApiPayload,
} from "./api-input.js";
import type { ApiService } from "./api-service.js";
import { ServedDocumentType, toServedDocumentType } from "./served-document-graphql.js";

const byTitle = { field: "title", direction: "asc" } as const;
const oldestFirst = { field: "createdAt", direction: "asc" } as const;

@Resolver(() => ApiType)
export class ApiResolver {
  readonly #apis: ApiService;
  readonly #keys: ApiKeyService;

  constructor(deps: { readonly apis: ApiService; readonly keys: ApiKeyService }) {
    this.#apis = deps.apis;
    this.#keys = deps.keys;
  }

  @Query(() => ApiType, { nullable: true, description: "The API with this id, or null." })
  async api(
    @Arg("id", () => ID, { description: "The API's id." }) id: string,
    @Ctx() ctx: RequestContext,
  ): Promise<ApiType | null> {
    const found = await ctx.loaders.api.load(id);
    return found === null ? null : toApiType(found);
  }

  @Query(() => ApiConnection, { description: "APIs, by title unless ordered otherwise." })
  apis(
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Arg("filter", () => ApiFilter, { nullable: true, description: "Which ones; all without it." })
    filter: ApiFilter | null,
    @Arg("orderBy", () => ApiOrder, { nullable: true, description: "In which order; by title without it." })
    orderBy: ApiOrder | null,
  ): Promise<ConnectionShape<ApiType>> {
    const wanted = filter ?? {};
    return toConnection(
      () => this.#apis.page(wanted, orderBy ?? byTitle, toPageRequest(page)),
      toApiType,
      () => this.#apis.count(wanted),
    );
  }

  @FieldResolver(() => SubscriptionType, { description: "The subscription that owns it." })
  async subscription(@Root() api: ApiType, @Ctx() ctx: RequestContext): Promise<SubscriptionType | null> {
    const found = await ctx.loaders.subscription.load(api.subscriptionId);
    return found === null ? null : toSubscriptionType(found);
  }

  @FieldResolver(() => [RouteType], { description: "All its routes, in the order of its form." })
  async routes(@Root() api: ApiType, @Ctx() ctx: RequestContext): Promise<RouteType[]> {
    return (await ctx.loaders.routesOfApi.load(api.id)).map(toRouteType);
  }

  @FieldResolver(() => [RouteType], { description: "Its first two routes: enough for a list of APIs." })
  async routePreview(@Root() api: ApiType, @Ctx() ctx: RequestContext): Promise<RouteType[]> {
    return (await ctx.loaders.routePreviewOfApi.load(api.id)).map(toRouteType);
  }

  @FieldResolver(() => GraphQLJSONObject, {
    nullable: true,
    description: "Schemas that its routes' operations share, by name; null for none.",
  })
  async schemas(@Root() api: ApiType, @Ctx() ctx: RequestContext): Promise<object | null> {
    const { schemas } = await ctx.loaders.componentsOfApi.load(api.id);
    return schemas === null ? null : (JSON.parse(schemas) as object);
  }

  @FieldResolver(() => [GraphQLJSONObject], {
    description: "Tag Objects of OpenAPI, in the document's order.",
  })
  async tags(@Root() api: ApiType, @Ctx() ctx: RequestContext): Promise<readonly object[]> {
    const { tags } = await ctx.loaders.componentsOfApi.load(api.id);
    return tags === null ? [] : (JSON.parse(tags) as object[]);
  }

  @FieldResolver(() => GraphQLJSONObject, {
    nullable: true,
    description:
      "Contact, license and terms of service, as an Info Object of OpenAPI has them; null for none.",
  })
  async info(@Root() api: ApiType, @Ctx() ctx: RequestContext): Promise<object | null> {
    const { info } = await ctx.loaders.componentsOfApi.load(api.id);
    return info === null ? null : (JSON.parse(info) as object);
  }

  @FieldResolver(() => ServedDocumentType, {
    nullable: true,
    description: "The document that nodes serve; null when `openapiServed` is false.",
  })
  async servedDocument(@Root() api: ApiType, @Ctx() ctx: RequestContext): Promise<ServedDocumentType | null> {
    if (!api.openapiServed) return null;
    const found = await ctx.loaders.servedDocumentOfApi.load(api.id);
    return found === null ? null : toServedDocumentType(found);
  }

  @FieldResolver(() => Int, { description: "How many routes it has." })
  routeCount(@Root() api: ApiType, @Ctx() ctx: RequestContext): Promise<number> {
    return ctx.loaders.routeCountOfApi.load(api.id);
  }

  @FieldResolver(() => ApiKeyConnection, { description: "Its keys, oldest first." })
  keys(
    @Root() api: ApiType,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
  ): Promise<ConnectionShape<ApiKeyType>> {
    const filter = { apiId: api.id };
    return toConnection(
      () => this.#keys.page(filter, oldestFirst, toPageRequest(page)),
      toApiKeyType,
      () => this.#keys.count(filter),
    );
  }

  @Mutation(() => CreateApiPayload, {
    description: "Creates an API with its routes and its first key. The key's secret is returned once.",
  })
  async createApi(
    @Arg("input", () => CreateApiInput, { description: "The new API." }) input: CreateApiInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<CreateApiPayload>> {
    const outcome = await this.#apis.create(workContext(ctx), input);
    return {
      ...payloadHead(outcome),
      api: whenOk(outcome, ({ api }) => toApiType(api)),
      key: whenOk(outcome, ({ key }) => toApiKeyType(key)),
      secret: whenOk(outcome, ({ secret }) => secret),
    };
  }

  @Mutation(() => DuplicateApiPayload, {
    description:
      "Creates an API with the routes and options of another one and a key of its own. The key's secret is returned once.",
  })
  async duplicateApi(
    @Arg("input", () => DuplicateApiInput, { description: "Which API." }) input: DuplicateApiInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<DuplicateApiPayload>> {
    const outcome = await this.#apis.duplicate(workContext(ctx), input);
    return {
      ...payloadHead(outcome),
      api: whenOk(outcome, ({ api }) => toApiType(api)),
      key: whenOk(outcome, ({ key }) => toApiKeyType(key)),
      secret: whenOk(outcome, ({ secret }) => secret),
    };
  }

  @Mutation(() => UpdateApiPayload, { description: "Changes an API. What is left out of the input stays." })
  async updateApi(
    @Arg("input", () => UpdateApiInput, { description: "What to change." }) input: UpdateApiInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<UpdateApiPayload>> {
    const outcome = await this.#apis.update(workContext(ctx), input);
    ctx.loaders.clear();
    return { ...payloadHead(outcome), api: whenOk(outcome, ({ api }) => toApiType(api)) };
  }

  @Mutation(() => DeleteApiPayload, { description: "Deletes an API with its routes and keys." })
  async deleteApi(
    @Arg("input", () => DeleteApiInput, { description: "Which API." }) input: DeleteApiInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<DeleteApiPayload>> {
    const outcome = await this.#apis.delete(workContext(ctx), input);
    ctx.loaders.clear();
    return { ...payloadHead(outcome), deletedApiId: whenOk(outcome, ({ id }) => id) };
  }
}
