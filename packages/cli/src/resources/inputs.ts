/** The GraphQL input of `create` and `update`: the fields of `--file`, and over them those of options. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { UsageError } from "../exit-code.js";
import type { GraphqlClient } from "../graphql-client.js";
import { nameOf, read } from "../output.js";
import { findId } from "./find.js";
import type { Field, Item } from "./kind.js";

export type Input = Record<string, unknown>;
export type Options = Readonly<Record<string, unknown>>;

/** Takes the value of an option away, or every value of a repeated one. */
const NONE = "none";

/** A value that is parsed as null: commander would make an empty text of it. */
const NULL = Symbol("null");

export function withFields(command: Command, fields: readonly Field[]): Command {
  for (const field of fields) {
    const { flags, repeated, choices, none, parse = (text: string) => text } = field;
    const option = new Option(flags, descriptionOf(field));
    const clearing = clearingOf(field);
    const parseValue = (text: string): unknown => {
      if (text === "" && clearing !== undefined) throw new InvalidArgumentError(`Give a value: ${clearing}.`);
      return parse(text);
    };
    if (choices !== undefined) option.choices([...choices]);
    else if (repeated)
      option.argParser((text: string, earlier: readonly unknown[] | undefined) =>
        listed(earlier, clearing !== undefined && text === NONE ? null : [parseValue(text)]),
      );
    else
      option.argParser((text: string) =>
        none !== undefined && text === NONE ? (none ?? NULL) : parseValue(text),
      );
    command.addOption(option);
  }
  return command;
}

function descriptionOf(field: Field): string {
  const clearing = clearingOf(field);
  const description = field.repeated ? `${field.description}; may be repeated` : field.description;
  return clearing === undefined ? description : `${description}${field.repeated ? "," : ";"} ${clearing}`;
}

/** What `none` does as the value of this option; undefined where it is a value like any other. */
function clearingOf({ repeated, none }: Field): string | undefined {
  if (repeated) return repeated === "NONEMPTY" ? undefined : `${NONE} empties the list`;
  return none === undefined ? undefined : `${NONE} takes it away`;
}

/**
 * The values of a repeated option so far.
 * @param next null for `none`, which stands alone
 */
function listed(
  earlier: readonly unknown[] | undefined,
  next: readonly unknown[] | null,
): readonly unknown[] {
  if (earlier !== undefined && (next === null || earlier.length === 0))
    throw new InvalidArgumentError(`${NONE} is the empty list: give it once, without other values.`);
  return [...(earlier ?? []), ...(next ?? [])];
}

/** The option's name among commander's values: `--version-label` is `versionLabel`. */
function attributeOf({ flags }: Field): string {
  return new Option(flags).attributeName();
}

function longOf({ flags }: Field): string {
  return new Option(flags).long ?? flags;
}

export function isGiven(field: Field, options: Options): boolean {
  return options[attributeOf(field)] !== undefined;
}

/** What the options say, with references looked up. */
export async function inputOf(
  client: GraphqlClient,
  fields: readonly Field[],
  options: Options,
): Promise<Input> {
  const input: Input = {};
  for (const field of fields) {
    const given = options[attributeOf(field)];
    if (given === undefined) continue;
    const isChoice = field.choices !== undefined && field.parse !== undefined;
    const parsed = isChoice ? field.parse(String(given)) : given;
    const value = parsed === NULL ? null : parsed;
    const [name, part] = field.input.split(".") as [string, string?];
    if (part !== undefined) input[name] = { ...(input[name] as object | undefined), [part]: value };
    else
      input[name] =
        field.refersTo === undefined ? value : await idsOf(client, field.refersTo, value, longOf(field));
  }
  if (Array.isArray(input.metadata))
    input.metadata = Object.fromEntries(input.metadata as [string, string][]);
  if (Array.isArray(input.routes)) input.routes = await withIntegrations(client, input.routes as Input[]);
  return input;
}

/**
 * An update takes nested objects whole: where options name only parts of one, the others stay as they are.
 * @param given of the options alone
 * @returns those objects with all of their parts
 */
export function unchangedParts(fields: readonly Field[], given: Input, item: Item): Input {
  const nested: Input = {};
  for (const { input } of fields) {
    const [name, part] = input.split(".") as [string, string?];
    const parts = given[name] as object | null | undefined;
    if (part === undefined || !parts || !item[name]) continue;
    nested[name] = { ...(item[name] as object), ...parts };
  }
  return nested;
}

/** The id of what a value names, or those of several. */
async function idsOf(client: GraphqlClient, kind: string, value: unknown, option: string): Promise<unknown> {
  if (!Array.isArray(value)) return findId(client, kind, String(value), option);
  return Promise.all(value.map((text) => findId(client, kind, String(text), option)));
}

/** Routes name their integration by id or name. */
async function withIntegrations(client: GraphqlClient, routes: readonly Input[]): Promise<Input[]> {
  const ids = new Map<string, string>();
  for (const { integrationId } of routes) {
    const text = String(integrationId);
    if (!ids.has(text)) ids.set(text, await findId(client, "integration", text, "--route"));
  }
  return routes.map((route) => ({ ...route, integrationId: ids.get(String(route.integrationId)) }));
}

/** The fields of a JSON or YAML file; `-` is standard input. */
export async function readInput(file: string | undefined): Promise<Input> {
  if (file === undefined) return {};
  const { parse } = await import("yaml");
  let value: unknown;
  try {
    value = parse(await read(file));
  } catch (error) {
    if (error instanceof Error && error.message.includes("cannot be read")) throw error;
    throw new UsageError(
      `--file: ${nameOf(file)} is neither JSON nor YAML: ${error instanceof Error ? error.message : error}`,
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new UsageError(
      `--file: ${nameOf(file)} has to hold one object, with the fields of the GraphQL input.`,
    );
  return value as Input;
}
