/** The overview: rankings of the last hour and what needs attention. Calls the counters and services and maps; decides nothing. */
import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from "type-graphql";
import { badUserInput } from "../graphql/connection.js";
import type { RequestContext } from "../graphql-app/request-context.js";
import { ApiType, toApiType } from "../modules/api/api-graphql.js";
import { type AttentionDeps, findAttention } from "./attention.js";
import {
  ApiTrafficType,
  AttentionItemType,
  ErrorTrafficType,
  OverviewType,
  toApiTrafficType,
  toAttentionItemType,
  toErrorTrafficType,
} from "./overview-graphql.js";

const FIRST_MAX = 20;
const FIRST_DEFAULT = 5;

const first = { defaultValue: FIRST_DEFAULT, description: `At most so many: 1 to ${FIRST_MAX}.` };

@Resolver(() => OverviewType)
export class OverviewResolver {
  readonly #deps: AttentionDeps;

  constructor(deps: AttentionDeps) {
    this.#deps = deps;
  }

  @Query(() => OverviewType, { description: "The last hour in short, and what needs attention." })
  overview(): OverviewType {
    return {};
  }

  @FieldResolver(() => [ApiTrafficType], { description: "APIs with the most requests in the last hour." })
  async topApis(
    @Arg("first", () => Int, first) count: number,
    @Ctx() ctx: RequestContext,
  ): Promise<readonly ApiTrafficType[]> {
    const ranked = this.#deps.ranking.topApis(checkFirst(count));
    // An API that was deleted within the hour is left out.
    const apis = await Promise.all(ranked.map(({ id }) => ctx.loaders.api.load(id)));
    return ranked.filter((_, index) => apis[index] !== null).map(toApiTrafficType);
  }

  @FieldResolver(() => [ErrorTrafficType], {
    description: "Responses with 4xx and 5xx by status and error code, the most frequent first.",
  })
  topErrors(@Arg("first", () => Int, first) count: number): readonly ErrorTrafficType[] {
    return this.#deps.ranking.topErrors(checkFirst(count)).map(toErrorTrafficType);
  }

  @FieldResolver(() => [AttentionItemType])
  async attention(): Promise<readonly AttentionItemType[]> {
    return (await findAttention(this.#deps)).map(toAttentionItemType);
  }
}

@Resolver(() => ApiTrafficType)
export class ApiTrafficResolver {
  @FieldResolver(() => ApiType, { description: "The API." })
  async api(@Root() { apiId }: ApiTrafficType, @Ctx() ctx: RequestContext): Promise<ApiType | null> {
    const found = await ctx.loaders.api.load(apiId);
    return found === null ? null : toApiType(found);
  }
}

function checkFirst(count: number): number {
  if (count < 1 || count > FIRST_MAX) throw badUserInput(`\`first\` is from 1 to ${FIRST_MAX}.`);
  return count;
}
