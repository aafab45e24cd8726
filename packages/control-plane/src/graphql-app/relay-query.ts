/** `node(id)` and the object in a CONFLICT: whatever has a global id. */
import { Arg, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import { badUserInput, PAGE_SIZE_MAX } from "../graphql/connection.js";
import { NodeInterface } from "../graphql/relay-node.js";
import { UserErrorType } from "../graphql/user-error.js";
import { findObject, type ObjectFinders } from "./relay-lookup.js";

@Resolver()
export class NodeQuery {
  readonly #finders: ObjectFinders;

  constructor(finders: ObjectFinders) {
    this.#finders = finders;
  }

  @Query(() => NodeInterface, { nullable: true, description: "The object with this global id, or null." })
  node(@Arg("id", () => ID, { description: "Any object's id." }) id: string): Promise<NodeInterface | null> {
    return findObject(this.#finders, id);
  }

  @Query(() => [NodeInterface], {
    nullable: "items",
    description:
      "The objects with these global ids, in this order; null in the place of each that does not exist.",
  })
  nodes(
    @Arg("ids", () => [ID], { description: `Ids of any objects, at most ${PAGE_SIZE_MAX}.` })
    ids: readonly string[],
  ): Promise<(NodeInterface | null)[]> {
    if (ids.length > PAGE_SIZE_MAX) throw badUserInput(`\`ids\` are at most ${PAGE_SIZE_MAX}.`);
    return Promise.all(ids.map((id) => findObject(this.#finders, id)));
  }
}

@Resolver(() => UserErrorType)
export class UserErrorResolver {
  readonly #finders: ObjectFinders;

  constructor(finders: ObjectFinders) {
    this.#finders = finders;
  }

  @FieldResolver(() => NodeInterface, {
    nullable: true,
    description: "For CONFLICT: the object as it is now, to show beside what was sent.",
  })
  async current(@Root() error: UserErrorType): Promise<NodeInterface | null> {
    return error.currentId === null ? null : findObject(this.#finders, error.currentId);
  }
}
