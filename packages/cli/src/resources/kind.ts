/** What the commands `list`, `get`, `create`, `update` and `delete` know of one kind of resource. */
import type { Column } from "../format/table.js";
import type { OptionNames } from "../option-names.js";

export interface Item {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** An option of `create` and `update`, or a filter of `list`. */
export interface Field {
  /** As commander writes it: `--summary <text>`. */
  readonly flags: string;
  readonly description: string;
  /** The name in the GraphQL input. */
  readonly input: string;
  /** May be given several times; the values are a list, which `none` empties unless it is `NONEMPTY`. */
  readonly repeated?: true | "NONEMPTY";
  /** A creation without `--file` needs it. */
  readonly needed?: true;
  /** What `none` stands for where the value may be absent. */
  readonly none?: null | "";
  /** The value is the id or the title of a resource of this kind. */
  readonly refersTo?: string;
  readonly choices?: readonly string[];
  /** The text as the input wants it. */
  readonly parse?: (text: string) => unknown;
}

export interface Kind {
  readonly name: string;
  readonly plural: string;
  /** In the names of mutations: `createApiKey`. */
  readonly typeName: string;
  /** The names of the queries: one by `id`, and a list. */
  readonly one: string;
  readonly many: string;
  /** The field of a mutation's payload. */
  readonly payload: string;
  /** The field that people call it by: `title` or `name`. */
  readonly label: "title" | "name";
  readonly selection: string;
  /** What `get` shows of one besides, as JSON or YAML: too much for a list. */
  readonly details?: string;
  readonly columns: readonly Column<Item>[];
  /** Fields of a list's filter, as options of `list`. */
  readonly filters: readonly Field[];
  readonly createFields: readonly Field[];
  readonly updateFields: readonly Field[];
  readonly canUpdate: boolean;
  /** The secret of a creation's payload, shown once. */
  readonly secret?: "secret" | "token";
  /** Whether a list has a filter `search`. */
  readonly hasSearch: boolean;
  readonly examples: { readonly [verb in Verb]?: readonly string[] };
}

/** A kind's name or plural as sentences have it: `API` for `api`. */
export function inSentence(name: string): string {
  return name.replace(/^api(s?)$/, "API$1");
}

export type Verb = "list" | "get" | "create" | "update" | "delete";

/** Fields of inputs to what a person typed, for errors. */
export function optionNames(kind: Kind, fields: readonly Field[]): OptionNames {
  const names: Record<string, string> = { [kind.label]: `<${kind.label}>`, id: `<${kind.name}>` };
  for (const { input, flags } of fields) {
    const option = flags.split(" ")[0] ?? flags;
    names[input] = option;
    // An object as a whole: all options for parts of it.
    const [whole, part] = input.split(".") as [string, string?];
    if (part !== undefined) names[whole] = whole in names ? `${names[whole]} or ${option}` : option;
  }
  return names;
}
