/** Relay's global object identification: everything with an id can be fetched again by it. */
import "./decorator-metadata.js";
import { Field, ID, InterfaceType } from "type-graphql";

/** Values must be instances of their GraphQL class: the class decides the type of a node. */
@InterfaceType("Node", {
  description: "Anything with a globally unique id. Fetch it again with the `node` query.",
})
export abstract class NodeInterface {
  @Field(() => ID, { description: "Globally unique, opaque, and stable for the object's life." })
  id!: string;
}

/** An instance of a GraphQL class with these fields. */
export function make<T extends object>(Class: new () => T, fields: DataOf<T>): T {
  return Object.assign(new Class(), fields);
}

// biome-ignore lint/complexity/noBannedTypes: any method.
type MethodNames<T> = { [K in keyof T]: T[K] extends Function ? K : never }[keyof T];
export type DataOf<T> = Omit<T, MethodNames<T>>;
