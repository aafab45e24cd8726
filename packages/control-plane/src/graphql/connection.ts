/** Relay connections: arguments, edges, page info. Cursors come from db/page.ts and stay opaque here. */
import "./decorator-metadata.js";
import { GraphQLError } from "graphql";
import { ArgsType, type ClassType, Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { CursorError, type Direction, type Page, type PageRequest } from "../db/page.js";

/** Items of a page when the client does not say. */
export const PAGE_SIZE_DEFAULT = 50;
/** Items a page may have. */
export const PAGE_SIZE_MAX = 100;

export const OrderDirectionEnum = { ASC: "asc", DESC: "desc" } as const satisfies Record<string, Direction>;
registerEnumType(OrderDirectionEnum, {
  name: "OrderDirection",
  description: "Which end of an order comes first.",
  valuesConfig: {
    ASC: { description: "Smallest first: A to Z, oldest to newest." },
    DESC: { description: "Largest first: Z to A, newest to oldest." },
  },
});

@ArgsType()
export class ConnectionArgs {
  @Field(() => Int, {
    nullable: true,
    description: `Take so many from the start: 0 to ${PAGE_SIZE_MAX}; ${PAGE_SIZE_DEFAULT} when neither \`first\` nor \`last\` is given.`,
  })
  first?: number | null;

  @Field(() => String, { nullable: true, description: "Only what comes after this cursor." })
  after?: string | null;

  @Field(() => Int, { nullable: true, description: `Take so many from the end: 0 to ${PAGE_SIZE_MAX}.` })
  last?: number | null;

  @Field(() => String, { nullable: true, description: "Only what comes before this cursor." })
  before?: string | null;
}

/** A mistake in arguments that are not a form: an error of the request, not a user error. */
export function badUserInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "BAD_USER_INPUT" } });
}

/** @throws GraphQLError BAD_USER_INPUT */
export function toPageRequest(args: ConnectionArgs): PageRequest {
  const { first = null, last = null, after = null, before = null } = args;
  if (first !== null && last !== null) throw badUserInput("Give `first` or `last`, not both.");
  const limit = first ?? last ?? PAGE_SIZE_DEFAULT;
  if (limit < 0 || limit > PAGE_SIZE_MAX)
    throw badUserInput(`\`${first === null ? "last" : "first"}\` is from 0 to ${PAGE_SIZE_MAX}.`);
  return { limit, backward: last !== null, after, before };
}

@ObjectType("PageInfo", { description: "Where a page stands in its list." })
export class PageInfoType {
  @Field(() => Boolean, { description: "More follows after `endCursor`." })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: "More stands before `startCursor`." })
  hasPreviousPage!: boolean;

  @Field(() => String, {
    nullable: true,
    description: "Cursor of the first item; null when the page is empty.",
  })
  startCursor!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Cursor of the last item; null when the page is empty.",
  })
  endCursor!: string | null;
}

export interface EdgeShape<T> {
  readonly node: T;
  readonly cursor: string;
}

export interface ConnectionShape<T> {
  readonly edges: readonly EdgeShape<T>[];
  readonly nodes: readonly T[];
  readonly pageInfo: PageInfoType;
  /** Called only when `totalCount` is asked for. */
  readonly count: () => Promise<number>;
}

/** The connection type of a node type, named after it. `plural` is for the descriptions. */
export function connectionType<T extends object>(
  NodeClass: ClassType<T>,
  name: string,
  plural: string,
): ClassType<ConnectionShape<T>> {
  @ObjectType(`${name}Edge`, { description: `One of a list of ${plural}, with its cursor.` })
  class Edge {
    @Field(() => NodeClass, { description: "The item." })
    node!: T;

    @Field(() => String, { description: "The item's place in this list, for `after` and `before`." })
    cursor!: string;
  }

  @ObjectType(`${name}Connection`, { description: `A page of ${plural}.` })
  class Connection {
    @Field(() => [Edge], { description: "The items with their cursors." })
    edges!: readonly Edge[];

    @Field(() => [NodeClass], { description: "The items alone." })
    nodes!: readonly T[];

    @Field(() => PageInfoType, { description: "Where this page stands in the list." })
    pageInfo!: PageInfoType;

    count!: () => Promise<number>;

    @Field(() => Int, { description: "Items in the whole list, with the filter applied." })
    totalCount(): Promise<number> {
      return this.count();
    }
  }

  return Connection;
}

/** A page as a connection. A bad cursor becomes BAD_USER_INPUT. `page` may throw at once. */
export async function toConnection<D, T>(
  page: () => Promise<Page<D>>,
  map: (value: D) => T,
  count: () => Promise<number>,
): Promise<ConnectionShape<T>> {
  const { items, hasNextPage, hasPreviousPage, isWhole } = await pageOrUserError(page);
  const edges = items.map((item) => ({ node: map(item.node), cursor: item.cursor }));
  return {
    edges,
    nodes: edges.map((edge) => edge.node),
    pageInfo: {
      hasNextPage,
      hasPreviousPage,
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    // Where all are here they need not be searched for again.
    count: isWhole ? async () => items.length : count,
  };
}

/** Reads a page. A bad cursor becomes BAD_USER_INPUT. `read` may throw at once. */
export async function pageOrUserError<P>(read: () => Promise<P>): Promise<P> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CursorError) throw badUserInput(error.message);
    throw error;
  }
}
