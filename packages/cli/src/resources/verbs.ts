/** `list`, `get`, `create`, `update` and `delete`, each with one command for every kind of resource. */
import type { Command } from "commander";
import { confirmed } from "../confirm.js";
import { type ControlPlaneOptions, clientOf, withControlPlane } from "../control-plane-options.js";
import { withExamples } from "../examples.js";
import { UsageError } from "../exit-code.js";
import { type FormatOptions, printItem, printItems, withFormat } from "../format/result.js";
import type { GraphqlClient } from "../graphql-client.js";
import { printError } from "../output.js";
import { find } from "./find.js";
import {
  type Options as FieldOptions,
  type Input,
  inputOf,
  isGiven,
  readInput,
  unchangedParts,
  withFields,
} from "./inputs.js";
import { type Field, type Item, inSentence, type Kind, optionNames, type Verb } from "./kind.js";
import { KINDS } from "./kinds.js";
import { listAll } from "./list-all.js";
import { mutate } from "./mutate.js";

type Options = ControlPlaneOptions & FormatOptions & FieldOptions & { readonly file?: string };

const DESCRIPTIONS: Readonly<Record<Verb, string>> = {
  list: "list resources of one kind",
  get: "show one resource, by id or title",
  create: "create a resource",
  update: "change a resource",
  delete: "delete a resource",
};

export function addResourceVerbs(program: Command): void {
  for (const verb of ["list", "get", "create", "update", "delete"] as const) {
    const parent = program.command(verb).description(DESCRIPTIONS[verb]);
    for (const kind of KINDS) {
      if (verb === "update" && !kind.canUpdate) continue;
      const noun = inSentence(verb === "list" ? kind.plural : kind.name);
      const command = parent
        .command(verb === "list" ? kind.plural : kind.name)
        .alias(verb === "list" ? kind.name : kind.plural)
        .description(
          verb === "list" ? `list ${noun}` : `${verb} ${/^[aeiou]/i.test(noun) ? "an" : "a"} ${noun}`,
        );
      withExamples(withFormat(withControlPlane(command)), kind.examples[verb] ?? []);
      ACTIONS[verb](command, kind);
    }
  }
}

const ACTIONS: Readonly<Record<Verb, (command: Command, kind: Kind) => void>> = {
  list(command, kind) {
    withFields(command, kind.filters);
    if (kind.hasSearch) command.option("--search <words>", "only those that contain these words");
    command.action(async (options: Options) => {
      const client = clientOf(options);
      const filter = await inputOf(client, kind.filters, options);
      if (options.search !== undefined) filter.search = options.search;
      await printItems(options, kind.columns, await listAll(client, kind, filter));
    });
  },
  get(command, kind) {
    command
      .argument(`<${kind.name}>`, `id or ${kind.label}`)
      .action(async (text: string, options: Options) => {
        const client = clientOf(options);
        const item = await find(client, kind, text);
        await printItem(options, kind.columns, { ...item, ...(await detailsOf(client, kind, item.id)) });
      });
  },
  create(command, kind) {
    withFile(
      withFields(command.argument(`<${kind.label}>`, `its ${kind.label}`), kind.createFields),
      "Create",
      kind,
    ).action(async (label: string, options: Options) => {
      const file = await readInput(options.file);
      const missing = kind.createFields.filter(
        (field) => field.needed && options.file === undefined && !isGiven(field, options),
      );
      if (missing.length > 0)
        throw new UsageError(
          missing
            .map(({ flags, description }) => `${flags.split(" ")[0]} is needed: ${description}.`)
            .join("\n"),
        );
      const client = clientOf(options);
      const input = {
        ...file,
        ...(await inputOf(client, kind.createFields, options)),
        [kind.label]: label,
      };
      const created = await mutate<Record<string, unknown>>(client, {
        mutation: `create${kind.typeName}`,
        selection: `${kind.payload} { ${kind.selection} } ${kind.secret ?? ""}`,
        input,
        names: optionNames(kind, notFrom(file, kind.createFields, options)),
      });
      await printCreated(options, kind, created);
    });
  },
  update(command, kind) {
    withFile(
      withFields(command.argument(`<${kind.name}>`, `id or ${kind.label}`), kind.updateFields),
      "Update",
      kind,
    ).action(async (text: string, options: Options) => {
      const file = await readInput(options.file);
      if (Object.keys(file).length === 0 && !kind.updateFields.some((field) => isGiven(field, options)))
        throw new UsageError(`nothing to change: give ${namesOf(kind.updateFields)} or --file.`);
      const client = clientOf(options);
      const given = await inputOf(client, kind.updateFields, options);
      const input = { ...file, ...given };
      const item = await find(client, kind, text);
      const unchanged = unchangedParts(kind.updateFields, given, item);
      const version = Object.keys(unchanged).length === 0 ? {} : { expectedVersion: item.version };
      const changed = await mutate<Record<string, unknown>>(client, {
        mutation: `update${kind.typeName}`,
        selection: `${kind.payload} { ${kind.selection} }`,
        input: { ...version, ...input, ...unchanged, id: item.id },
        names: optionNames(kind, notFrom(file, kind.updateFields, options)),
      });
      await printItem(options, kind.columns, changed[kind.payload] as Item);
    });
  },
  delete(command, kind) {
    command
      .argument(`<${kind.name}>`, `id or ${kind.label}`)
      .option("-y, --yes", "do not ask")
      .action(async (text: string, options: Options) => {
        const client = clientOf(options);
        const item = await find(client, kind, text);
        const what = `${inSentence(kind.name)} "${String(item[kind.label])}" (${item.id})`;
        await confirmed(`Delete the ${what}?`, options.yes === true);
        await mutate(client, {
          mutation: `delete${kind.typeName}`,
          selection: "",
          input: { id: item.id },
          names: optionNames(kind, []),
        });
        printError([`Deleted the ${what}.`]);
      });
  },
};

/** The fields that stand in no file, or in an option over it: what is wrong in a file is named as the file has it. */
function notFrom(file: Input, fields: readonly Field[], options: Options): readonly Field[] {
  return fields.filter(
    (field) => isGiven(field, options) || !Object.hasOwn(file, field.input.split(".")[0] ?? ""),
  );
}

async function detailsOf(client: GraphqlClient, { one, details }: Kind, id: string): Promise<object> {
  if (details === undefined) return {};
  const found = await client.query<{ one: object | null }>(
    `query($id: ID!) { one: ${one}(id: $id) { ${details} } }`,
    { id },
  );
  return found.one ?? {};
}

function withFile(command: Command, prefix: "Create" | "Update", kind: Kind): Command {
  return command.option(
    "-f, --file <file>",
    `JSON or YAML with fields of ${prefix}${kind.typeName}Input; options come before it; - is standard input`,
  );
}

function namesOf(fields: readonly Field[]): string {
  return fields.map(({ flags }) => flags.split(" ")[0]).join(", ");
}

/** The secret of a creation is part of a document, and a line of its own beside a table. */
export async function printCreated(
  options: FormatOptions,
  kind: Kind,
  payload: Readonly<Record<string, unknown>>,
): Promise<void> {
  const item = payload[kind.payload] as Item;
  const secret = kind.secret === undefined ? null : payload[kind.secret];
  if (kind.secret === undefined || typeof secret !== "string") await printItem(options, kind.columns, item);
  else {
    const title = kind.secret === "token" ? "TOKEN" : "SECRET";
    await printItem(options, [...kind.columns, { title, value: () => secret }], {
      ...item,
      [kind.secret]: secret,
    });
    printError([`The ${kind.secret} is shown only this once.`]);
  }
}
