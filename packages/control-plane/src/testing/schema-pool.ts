/** For tests only: building the schema takes half of a fixture's start, so ended fixtures leave theirs to later ones. */
import type { GraphQLSchema } from "graphql";
import { buildLatchkeySchema, type PubSub, type ResolverInstances } from "../graphql-app/schema.js";

interface Served {
  readonly instances: ResolverInstances;
  readonly pubSub: PubSub;
}

export class PooledSchema {
  static readonly #free: PooledSchema[] = [];

  readonly schema: GraphQLSchema;
  #served: Served | null;

  private constructor(served: Served) {
    this.#served = served;
    this.schema = buildLatchkeySchema(
      {
        has: (resolver) => this.#now.instances.has(resolver),
        get: (resolver) => this.#now.instances.get(resolver),
      },
      {
        subscribe: (topic, args) => this.#now.pubSub.subscribe(topic, args),
        publish: () => this.#now.pubSub.publish(),
      },
    );
  }

  get #now(): Served {
    if (this.#served === null) throw new Error("this fixture has ended");
    return this.#served;
  }

  static take(served: Served): PooledSchema {
    const free = PooledSchema.#free.pop();
    if (free === undefined) return new PooledSchema(served);
    free.#served = served;
    return free;
  }

  release(): void {
    if (this.#served === null) return;
    this.#served = null;
    PooledSchema.#free.push(this);
  }
}
