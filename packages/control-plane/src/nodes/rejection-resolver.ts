/** `rejections` of everything that nodes get, and the names of what a node rejects. Calls the registry and maps; decides nothing. */
import type { ResourceKind } from "@latchkey/snapshot";
import { GraphQLDateTime } from "graphql-scalars";
import { Ctx, Field, FieldResolver, ID, ObjectType, Resolver, Root } from "type-graphql";
import type { NodeInterface } from "../graphql/relay-node.js";
import type { RequestContext } from "../graphql-app/request-context.js";
import { ApiType } from "../modules/api/api-graphql.js";
import { CredentialType } from "../modules/credential/credential-graphql.js";
import { IntegrationType } from "../modules/integration/integration-graphql.js";
import { ApiKeyType } from "../modules/key/api-key-graphql.js";
import { IngressNodeType, RejectedResourceType, toIngressNodeType } from "./node-graphql.js";
import type { NodeRegistry } from "./node-registry.js";

@ObjectType("Rejection", { description: "Why one node cannot use a resource; it has quarantined it alone." })
class RejectionType {
  @Field(() => IngressNodeType, { description: "The node." })
  node!: IngressNodeType;

  @Field(() => String, { description: "Why, in the node's words." })
  reason!: string;

  @Field(() => GraphQLDateTime, { description: "Since when, for this reason." })
  since!: Date;
}

interface RejectionResolverDeps {
  readonly registry: Pick<NodeRegistry, "nodes" | "view">;
}

function rejectionResolver(Type: new () => NodeInterface, kind: ResourceKind) {
  @Resolver(() => Type)
  class RejectionResolver {
    readonly #registry: RejectionResolverDeps["registry"];

    constructor({ registry }: RejectionResolverDeps) {
      this.#registry = registry;
    }

    @FieldResolver(() => [RejectionType], {
      description:
        "The nodes that cannot use it, by name, as each reported last to any control plane; empty: all can. Requests that need it fail there.",
    })
    rejections(@Root() { id }: NodeInterface): readonly RejectionType[] {
      return [...this.#registry.nodes()]
        .flatMap((live) => {
          const rejection = live.rejectionOf({ kind, id });
          const node = rejection === null ? null : this.#registry.view(live.node.id);
          if (rejection === null || node === null) return [];
          return [
            { node: toIngressNodeType(node), reason: rejection.reason, since: new Date(rejection.sinceMs) },
          ];
        })
        .sort((a, b) => (a.node.name < b.node.name ? -1 : 1));
    }
  }
  return RejectionResolver;
}

/** One for each kind of resource. */
export const rejectionResolvers = [
  rejectionResolver(ApiType, "api"),
  rejectionResolver(IntegrationType, "integration"),
  rejectionResolver(CredentialType, "credential"),
  rejectionResolver(ApiKeyType, "key"),
] as const;

@Resolver(() => RejectedResourceType)
export class RejectedResourceResolver {
  @FieldResolver(() => String, {
    nullable: true,
    description: "Name of the resource, or title of the API; null: it is deleted.",
  })
  async name(
    @Root() { kind, resourceId }: RejectedResourceType,
    @Ctx() { loaders }: RequestContext,
  ): Promise<string | null> {
    if (kind === "api") return (await loaders.api.load(resourceId))?.title ?? null;
    const found = await loaders[kind === "key" ? "apiKey" : kind].load(resourceId);
    return found?.name ?? null;
  }

  @FieldResolver(() => ID, { nullable: true, description: "Id of the API that a key belongs to." })
  async apiId(
    @Root() { kind, resourceId }: RejectedResourceType,
    @Ctx() { loaders }: RequestContext,
  ): Promise<string | null> {
    return kind === "key" ? ((await loaders.apiKey.load(resourceId))?.apiId ?? null) : null;
  }
}
