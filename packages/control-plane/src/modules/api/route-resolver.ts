/** What a route leads to, and the mutations of a single route. Calls the service and maps; decides nothing. */
import { GraphQLJSONObject } from "graphql-scalars";
import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import { badUserInput } from "../../graphql/connection.js";
import { type RequestContext, workContext } from "../../graphql-app/request-context.js";
import { type Payload, payloadHead, whenOk } from "../../receipts/mutation-payload.js";
import { IntegrationType, toIntegrationType } from "../integration/integration-graphql.js";
import { ApiType, RouteType, toApiType, toRouteType } from "./api-graphql.js";
import {
  AddRouteInput,
  AddRoutePayload,
  RemoveRouteInput,
  RemoveRoutePayload,
  UpdateRouteInput,
  UpdateRoutePayload,
} from "./route-input.js";
import type { RouteService } from "./route-service.js";

const SEARCHED_DEFAULT = 10;
const SEARCHED_MAX = 100;

@Resolver(() => RouteType)
export class RouteResolver {
  readonly #routes: RouteService;

  constructor(deps: { readonly routes: RouteService }) {
    this.#routes = deps.routes;
  }

  @Query(() => [RouteType], {
    description: "Routes of all APIs whose method and path contain every word of the search, by path.",
  })
  async searchRoutes(
    @Arg("search", () => String, { description: "Words: `GET orders`." }) search: string,
    @Arg("first", () => Int, {
      defaultValue: SEARCHED_DEFAULT,
      description: `At most so many: 1 to ${SEARCHED_MAX}.`,
    })
    first: number,
  ): Promise<readonly RouteType[]> {
    if (first < 1 || first > SEARCHED_MAX) throw badUserInput(`\`first\` is from 1 to ${SEARCHED_MAX}.`);
    return (await this.#routes.search(search, first)).map(toRouteType);
  }

  @FieldResolver(() => ApiType, { description: "The API it belongs to." })
  async api(@Root() route: RouteType, @Ctx() ctx: RequestContext): Promise<ApiType | null> {
    const found = await ctx.loaders.api.load(route.apiId);
    return found === null ? null : toApiType(found);
  }

  @FieldResolver(() => IntegrationType, { description: "The integration that gets the requests." })
  async integration(@Root() route: RouteType, @Ctx() ctx: RequestContext): Promise<IntegrationType | null> {
    const found = await ctx.loaders.integration.load(route.integrationId);
    return found === null ? null : toIntegrationType(found);
  }

  @FieldResolver(() => GraphQLJSONObject, {
    nullable: true,
    description:
      "What the OpenAPI document says of it: an Operation Object of OpenAPI 3.1, whose references lead to the API's schemas. Null for nothing.",
  })
  async operation(@Root() route: RouteType, @Ctx() ctx: RequestContext): Promise<object | null> {
    const operation = await ctx.loaders.operationOfRoute.load(route.id);
    return operation === null ? null : (JSON.parse(operation) as object);
  }

  @Mutation(() => AddRoutePayload, { description: "Adds a route to an API." })
  async addRoute(
    @Arg("input", () => AddRouteInput, { description: "Which API, and the route." }) input: AddRouteInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<AddRoutePayload>> {
    const outcome = await this.#routes.add(workContext(ctx), input);
    ctx.loaders.clear();
    return {
      ...payloadHead(outcome),
      api: whenOk(outcome, ({ api }) => toApiType(api)),
      route: whenOk(outcome, ({ route }) => toRouteType(route)),
    };
  }

  @Mutation(() => UpdateRoutePayload, { description: "Changes one route of an API." })
  async updateRoute(
    @Arg("input", () => UpdateRouteInput, { description: "What to change." }) input: UpdateRouteInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<UpdateRoutePayload>> {
    const outcome = await this.#routes.update(workContext(ctx), input);
    ctx.loaders.clear();
    return {
      ...payloadHead(outcome),
      api: whenOk(outcome, ({ api }) => toApiType(api)),
      route: whenOk(outcome, ({ route }) => toRouteType(route)),
    };
  }

  @Mutation(() => RemoveRoutePayload, { description: "Removes one route of an API." })
  async removeRoute(
    @Arg("input", () => RemoveRouteInput, { description: "Which route." }) input: RemoveRouteInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<RemoveRoutePayload>> {
    const outcome = await this.#routes.remove(workContext(ctx), input);
    ctx.loaders.clear();
    return {
      ...payloadHead(outcome),
      api: whenOk(outcome, ({ api }) => toApiType(api)),
      removedRouteId: whenOk(outcome, ({ route }) => route.id),
    };
  }
}
