/** `Integration.health`: which of its URLs nodes send requests to. */
import { GraphQLDateTime } from "graphql-scalars";
import { Field, FieldResolver, ID, ObjectType, Resolver, Root, registerEnumType } from "type-graphql";
import { IntegrationType } from "../modules/integration/integration-graphql.js";
import type { NodeUrls, UrlHealth, UrlState } from "./integration-health.js";
import type { NodeRegistry } from "./node-registry.js";

const UrlStateEnum = {
  IN_USE: "in-use",
  UNHEALTHY: "unhealthy",
  CIRCUIT_OPEN: "circuit-open",
  CIRCUIT_HALF_OPEN: "circuit-half-open",
  UNKNOWN: "unknown",
} as const satisfies Record<string, UrlState>;
registerEnumType(UrlStateEnum, {
  name: "UrlState",
  description: "Whether a node sends requests to a URL.",
  valuesConfig: {
    IN_USE: { description: "It gets requests." },
    UNHEALTHY: { description: "Health checks of the node fail: it gets no requests." },
    CIRCUIT_OPEN: { description: "Requests failed in a row: it gets none for a time." },
    CIRCUIT_HALF_OPEN: { description: "One request probes it." },
    UNKNOWN: { description: "The node is not heard from, or does not report this." },
  },
});

@ObjectType("UrlHealth", { description: "One URL of an integration, as a node sees it." })
class UrlHealthType {
  @Field(() => String, { description: "The URL." })
  url!: string;

  @Field(() => UrlStateEnum, { description: "Whether the node sends requests to it." })
  state!: UrlState;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: "When it left the rotation; null: it is in use, or not known.",
  })
  since!: Date | null;

  @Field(() => String, { nullable: true, description: "Why, in the node's words; null: not known." })
  lastError!: string | null;
}

// Not `Node`: clients' caches would take it for the node itself.
@ObjectType("NodeUrls", { description: "The URLs of an integration as one node sees them." })
class NodeUrlsType {
  @Field(() => ID, { description: "Id of the node." })
  nodeId!: string;

  @Field(() => String, { description: "Name of the node." })
  nodeName!: string;

  @Field(() => [UrlHealthType], { description: "In the integration's order." })
  urls!: readonly UrlHealthType[];
}

@Resolver(() => IntegrationType)
export class IntegrationHealthResolver {
  readonly #registry: NodeRegistry;

  constructor(deps: { readonly registry: NodeRegistry }) {
    this.#registry = deps.registry;
  }

  @FieldResolver(() => [NodeUrlsType], {
    description:
      "Its URLs on each node that was connected once, as reported within the last seconds to this control plane.",
  })
  health(@Root() integration: IntegrationType): readonly NodeUrlsType[] {
    return this.#registry.integrationHealth(integration).map(toNodeUrlsType);
  }
}

function toNodeUrlsType({ nodeId, nodeName, urls }: NodeUrls): NodeUrlsType {
  return { nodeId, nodeName, urls: urls.map(toUrlHealthType) };
}

function toUrlHealthType({ url, state, sinceMs, lastError }: UrlHealth): UrlHealthType {
  return { url, state, since: sinceMs === null ? null : new Date(sinceMs), lastError };
}
