/** What a route leads to. */
import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../../graphql/context.js";
import { IntegrationType, toIntegrationType } from "../integration/integration-graphql.js";
import { ApiType, RouteType, toApiType } from "./api-graphql.js";

@Resolver(() => RouteType)
export class RouteResolver {
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
}
