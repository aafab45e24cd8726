/** Queries and mutations of keys. Calls the service and maps; decides nothing. */
import { GraphQLDateTime, GraphQLSafeInt } from "graphql-scalars";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import {
  ConnectionArgs,
  type ConnectionShape,
  toConnection,
  toPageRequest,
} from "../../graphql/connection.js";
import { type RequestContext, workContext } from "../../graphql-app/request-context.js";
import { type Payload, payloadHead, whenOk } from "../../receipts/mutation-payload.js";
import { ApiType, toApiType } from "../api/api-graphql.js";
import { ApiKeyConnection, ApiKeyType, toApiKeyType } from "./api-key-graphql.js";
import {
  ApiKeyFilter,
  ApiKeyOrder,
  CreateApiKeyInput,
  CreateApiKeyPayload,
  DeleteApiKeyInput,
  DeleteApiKeyPayload,
  RegenerateApiKeyInput,
  RegenerateApiKeyPayload,
  RevealApiKeyInput,
  RevealApiKeyPayload,
  UpdateApiKeyInput,
  UpdateApiKeyPayload,
} from "./api-key-input.js";
import type { ApiKeyService } from "./api-key-service.js";

/** What nodes reported; the node module knows. */
export interface KeyUsageCounts {
  /** Null when no use is known since the start. */
  lastUsedAtMs(keyId: string): number | null;
  /** Null when no use is known since the start. */
  lastUsedNode(keyId: string): string | null;
  /** Null when no use of that secret is known. */
  previousUsedAtMs(keyId: string): number | null;
  /** The key has another secret, and another one before it. */
  regenerated(keyId: string): void;
}

const oldestFirst = { field: "createdAt", direction: "asc" } as const;

@Resolver(() => ApiKeyType)
export class ApiKeyResolver {
  readonly #keys: ApiKeyService;
  readonly #usage: KeyUsageCounts;

  constructor(deps: { readonly keys: ApiKeyService; readonly usage: KeyUsageCounts }) {
    this.#keys = deps.keys;
    this.#usage = deps.usage;
  }

  @Query(() => ApiKeyType, { nullable: true, description: "The key with this id, or null." })
  async apiKey(
    @Arg("id", () => ID, { description: "The key's id." }) id: string,
  ): Promise<ApiKeyType | null> {
    const found = await this.#keys.find(id);
    return found === null ? null : toApiKeyType(found);
  }

  @Query(() => ApiKeyConnection, { description: "Keys of all APIs, oldest first unless ordered otherwise." })
  apiKeys(
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Arg("filter", () => ApiKeyFilter, { nullable: true, description: "Which ones; all without it." })
    filter: ApiKeyFilter | null,
    @Arg("orderBy", () => ApiKeyOrder, {
      nullable: true,
      description: "In which order; oldest first without it.",
    })
    orderBy: ApiKeyOrder | null,
  ): Promise<ConnectionShape<ApiKeyType>> {
    return toConnection(
      () => this.#keys.page(filter ?? {}, orderBy ?? oldestFirst, toPageRequest(page)),
      toApiKeyType,
      () => this.#keys.count(filter ?? {}),
    );
  }

  @FieldResolver(() => ApiType, { description: "The API it selects." })
  async api(@Root() key: ApiKeyType, @Ctx() ctx: RequestContext): Promise<ApiType | null> {
    const found = await ctx.loaders.api.load(key.apiId);
    return found === null ? null : toApiType(found);
  }

  @FieldResolver(() => GraphQLDateTime, {
    nullable: true,
    description: "When a node last saw it used; null: never.",
  })
  lastUsedAt(@Root() key: ApiKeyType): Date | null {
    const heardMs = this.#usage.lastUsedAtMs(key.id);
    return heardMs === null ? key.lastUsedAt : new Date(Math.max(heardMs, key.lastUsedAt?.getTime() ?? 0));
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      "Name of the node that last reported a use; null: none did since the control plane started. Client addresses are not recorded.",
  })
  lastUsedNode(@Root() key: ApiKeyType): string | null {
    return this.#usage.lastUsedNode(key.id);
  }

  @FieldResolver(() => GraphQLDateTime, {
    nullable: true,
    description:
      "When a node last saw the secret before the last regeneration used; null: not since the regeneration or the start of the control plane.",
  })
  previousSecretLastUsedAt(@Root() key: ApiKeyType): Date | null {
    const atMs = key.overlapUntil === null ? null : this.#usage.previousUsedAtMs(key.id);
    return atMs === null ? null : new Date(atMs);
  }

  @FieldResolver(() => GraphQLSafeInt, {
    description: "Requests with it in the last hour, as far as nodes have reported.",
  })
  async requestsLastHour(@Root() key: ApiKeyType, @Ctx() ctx: RequestContext): Promise<number> {
    return (await ctx.loaders.usageOfKey.load(key.id))?.requests ?? 0;
  }

  @Mutation(() => CreateApiKeyPayload, { description: "Makes another key of an API and shows its secret." })
  async createApiKey(
    @Arg("input", () => CreateApiKeyInput, { description: "The new key." }) input: CreateApiKeyInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<CreateApiKeyPayload>> {
    const outcome = await this.#keys.create(workContext(ctx), input);
    return {
      ...payloadHead(outcome),
      key: whenOk(outcome, ({ key }) => toApiKeyType(key)),
      secret: whenOk(outcome, ({ secret }) => secret),
    };
  }

  @Mutation(() => UpdateApiKeyPayload, {
    description: "Changes a key: whether it is active, its mode, name, expiry, rate limit and quota.",
  })
  async updateApiKey(
    @Arg("input", () => UpdateApiKeyInput, { description: "What to change." }) input: UpdateApiKeyInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<UpdateApiKeyPayload>> {
    const outcome = await this.#keys.update(workContext(ctx), input);
    return { ...payloadHead(outcome), key: whenOk(outcome, toApiKeyType) };
  }

  @Mutation(() => RegenerateApiKeyPayload, {
    description: "Gives a key a new secret and shows it. The old one is taken for `overlapSeconds` more.",
  })
  async regenerateApiKey(
    @Arg("input", () => RegenerateApiKeyInput, { description: "Which key, and the overlap." })
    input: RegenerateApiKeyInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<RegenerateApiKeyPayload>> {
    const outcome = await this.#keys.regenerate(workContext(ctx), input);
    if (outcome.ok) this.#usage.regenerated(input.id);
    return {
      ...payloadHead(outcome),
      key: whenOk(outcome, ({ key }) => toApiKeyType(key)),
      secret: whenOk(outcome, ({ secret }) => secret),
    };
  }

  @Mutation(() => DeleteApiKeyPayload, {
    description: "Deletes a key. Requests with it get 401 from then on.",
  })
  async deleteApiKey(
    @Arg("input", () => DeleteApiKeyInput, { description: "Which key." }) input: DeleteApiKeyInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<DeleteApiKeyPayload>> {
    const outcome = await this.#keys.delete(workContext(ctx), input);
    return { ...payloadHead(outcome), deletedApiKeyId: whenOk(outcome, ({ id }) => id) };
  }

  @Mutation(() => RevealApiKeyPayload, {
    description: "Shows the secret of a recoverable API's key again. Every look is written to the audit log.",
  })
  async revealApiKey(
    @Arg("input", () => RevealApiKeyInput, { description: "Which key." }) input: RevealApiKeyInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<RevealApiKeyPayload>> {
    const outcome = await this.#keys.reveal(workContext(ctx), input);
    return {
      ...payloadHead(outcome),
      key: whenOk(outcome, ({ key }) => toApiKeyType(key)),
      secret: whenOk(outcome, ({ secret }) => secret),
    };
  }
}
