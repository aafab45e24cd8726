/** Searches the message trail, and follows it. Calls the trail and maps; decides nothing. */
import { Arg, Args, Ctx, FieldResolver, Int, Query, Resolver, Root, Subscription } from "type-graphql";
import { badUserInput, PAGE_SIZE_MAX, pageOrUserError } from "../graphql/connection.js";
import { liveQuery } from "../graphql-app/live-queries.js";
import type { RequestContext } from "../graphql-app/request-context.js";
import { ApiType, RouteType, toApiType, toRouteType } from "../modules/api/api-graphql.js";
import { IntegrationType, toIntegrationType } from "../modules/integration/integration-graphql.js";
import { ApiKeyType, toApiKeyType } from "../modules/key/api-key-graphql.js";
import type { Message } from "./message.js";
import type { MessageContent, MissingContent } from "./message-content.js";
import { MessageContentType, MissingContentEnum, toMessageContentType } from "./message-content-graphql.js";
import {
  MessageConnectionType,
  MessageFilterInput,
  MessageHistogramType,
  MessagePageArgs,
  MessageType,
  toMessageConnection,
  toMessageHistogram,
  toMessageType,
} from "./message-graphql.js";
import type { MessageTrail } from "./message-trail.js";

const BUCKETS_DEFAULT = 60;
const BUCKETS_MAX = 200;

const filterArg = { nullable: true, description: "Which messages; all without it." } as const;

@Resolver(() => MessageType)
export class MessageResolver {
  readonly #trail: MessageTrail;

  constructor(deps: { readonly messages: MessageTrail }) {
    this.#trail = deps.messages;
  }

  @Query(() => MessageConnectionType, {
    description:
      "Requests that nodes reported one by one, newest first, refused ones included. Not every request is kept: see `coverage` of `messageHistogram`.",
  })
  async messages(
    @Args(() => MessagePageArgs) { first, after = null }: MessagePageArgs,
    @Arg("filter", () => MessageFilterInput, filterArg) filter: MessageFilterInput | null,
  ): Promise<MessageConnectionType> {
    if (first < 1 || first > PAGE_SIZE_MAX) throw badUserInput(`\`first\` is from 1 to ${PAGE_SIZE_MAX}.`);
    const page = await pageOrUserError(() => this.#trail.page(filter ?? {}, first, after));
    return toMessageConnection(page, after === null);
  }

  @Query(() => MessageType, {
    nullable: true,
    description: "The newest message with this id, or null when none is kept.",
  })
  async message(
    @Arg("interchangeId", () => String, { description: "Id of the message." }) interchangeId: string,
  ): Promise<MessageType | null> {
    const found = await this.#trail.find(interchangeId);
    return found === null ? null : toMessageType(found);
  }

  @Query(() => MessageHistogramType, {
    description: "Kept messages by time, and how many requests are kept.",
  })
  async messageHistogram(
    @Arg("filter", () => MessageFilterInput, { description: "Which messages. Needs `since` and `until`." })
    filter: MessageFilterInput,
    @Arg("buckets", () => Int, {
      defaultValue: BUCKETS_DEFAULT,
      description: `Into so many stretches: 1 to ${BUCKETS_MAX}.`,
    })
    buckets: number,
  ): Promise<MessageHistogramType> {
    if (buckets < 1 || buckets > BUCKETS_MAX) throw badUserInput(`\`buckets\` is from 1 to ${BUCKETS_MAX}.`);
    const fromMs = filter.since?.getTime();
    const toMs = filter.until?.getTime();
    if (fromMs === undefined || toMs === undefined || fromMs >= toMs)
      throw badUserInput("`filter` needs `since`, and an `until` after it.");
    const [histogram, coverage] = await Promise.all([
      this.#trail.histogram(filter, fromMs, toMs, buckets),
      this.#trail.coverage(filter),
    ]);
    return toMessageHistogram(histogram, coverage);
  }

  @Subscription(() => MessageType, {
    ...liveQuery("requestTail"),
    description: "Messages as nodes report them. When you are too slow, some are left out.",
  })
  requestTail(
    @Root() message: Message,
    @Arg("filter", () => MessageFilterInput, filterArg) _filter: MessageFilterInput | null,
  ): MessageType {
    return toMessageType(message);
  }

  @FieldResolver(() => ApiType, {
    nullable: true,
    description: "The API; null when it is not known, or was deleted.",
  })
  async api(@Root() { apiId }: MessageType, @Ctx() { loaders }: RequestContext): Promise<ApiType | null> {
    const found = apiId === null ? null : await loaders.api.load(apiId);
    return found === null ? null : toApiType(found);
  }

  @FieldResolver(() => MessageContentType, {
    nullable: true,
    description: "Headers and bodies; null: there are none, see `contentMissing`.",
  })
  async content(@Root() message: MessageType): Promise<MessageContentType | null> {
    const found = await this.#contentOf(message);
    return typeof found === "string" ? null : toMessageContentType(found);
  }

  @FieldResolver(() => MissingContentEnum, {
    nullable: true,
    description: "Why there are no headers and bodies; null: there are.",
  })
  async contentMissing(@Root() message: MessageType): Promise<MissingContent | null> {
    const found = await this.#contentOf(message);
    return typeof found === "string" ? found : null;
  }

  #contentOf(message: MessageType): Promise<MessageContent | MissingContent> {
    const { interchangeId, nodeId, at } = message;
    message.recorded ??= this.#trail.content({ interchangeId, nodeId, atMs: at.getTime() });
    return message.recorded;
  }

  @FieldResolver(() => ApiKeyType, {
    nullable: true,
    description: "The key; null when it is not known, or was deleted.",
  })
  async key(@Root() { keyId }: MessageType, @Ctx() { loaders }: RequestContext): Promise<ApiKeyType | null> {
    const found = keyId === null ? null : await loaders.apiKey.load(keyId);
    return found === null ? null : toApiKeyType(found);
  }

  @FieldResolver(() => RouteType, {
    nullable: true,
    description: "The route; null when none matched, or it was deleted.",
  })
  async route(
    @Root() { routeId }: MessageType,
    @Ctx() { loaders }: RequestContext,
  ): Promise<RouteType | null> {
    const found = routeId === null ? null : await loaders.route.load(routeId);
    return found === null ? null : toRouteType(found);
  }

  @FieldResolver(() => IntegrationType, {
    nullable: true,
    description: "The integration; null when there was none, or it was deleted.",
  })
  async integration(
    @Root() { integrationId }: MessageType,
    @Ctx() { loaders }: RequestContext,
  ): Promise<IntegrationType | null> {
    const found = integrationId === null ? null : await loaders.integration.load(integrationId);
    return found === null ? null : toIntegrationType(found);
  }
}
