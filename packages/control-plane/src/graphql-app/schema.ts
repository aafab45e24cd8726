/** Builds the schema from the resolver classes and the instances that serve them. */
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from "graphql";
import { buildSchemaSync, type NonEmptyArray } from "type-graphql";
import { resolverClasses } from "./resolvers.js";

/** Constructor → the instance whose methods resolve its fields. */
// biome-ignore lint/complexity/noBannedTypes: constructors of any shape.
export type ResolverInstances = Pick<ReadonlyMap<Function, object>, "has" | "get">;

export function instancesOf(resolvers: readonly object[]): ResolverInstances {
  return new Map(resolvers.map((resolver) => [resolver.constructor, resolver]));
}

/** Where GraphQL subscriptions get their values: topic and arguments → values. */
export interface PubSub {
  subscribe(topic: string, args: unknown): AsyncIterable<unknown>;
  publish(): void;
}

/** For a schema that only describes. */
const noPubSub: PubSub = {
  subscribe: () => {
    throw new Error("this schema has no pub/sub");
  },
  publish: () => {},
};

/** @throws Error when a resolver class has no instance, and `instances` is given */
export function buildLatchkeySchema(instances?: ResolverInstances, pubSub: PubSub = noPubSub): GraphQLSchema {
  if (instances !== undefined)
    for (const resolver of resolverClasses)
      if (!instances.has(resolver)) throw new Error(`no instance of ${resolver.name}`);
  return buildSchemaSync({
    // biome-ignore lint/complexity/noBannedTypes: as type-graphql has it.
    resolvers: resolverClasses as NonEmptyArray<Function>,
    container: { get: (resolver) => instances?.get(resolver) },
    pubSub,
    // It sends itself the introspection query, which takes a tenth of the start: a test checks the schema.
    skipCheck: true,
  });
}

/** The SDL as it is committed: sorted, so that a diff shows what changed and nothing else. */
export function schemaText(): string {
  return `${printSchema(lexicographicSortSchema(buildLatchkeySchema()))}\n`;
}
