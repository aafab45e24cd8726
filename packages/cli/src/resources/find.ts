/** Finds a resource by its id or by its title; a title that several have is refused with their ids. */
import { type GraphqlClient, GraphqlRequestError } from "../graphql-client.js";
import { type Item, inSentence, type Kind } from "./kind.js";
import { kindNamed } from "./kinds.js";

/** So many of a name are looked at. */
const CANDIDATES_MAX = 100;

interface Found {
  readonly one: Item | null;
  readonly many: { readonly nodes: readonly Item[] };
}

/** A name that none or several have. */
class NameError extends GraphqlRequestError {}

/** @throws NameError */
export async function find(
  client: GraphqlClient,
  kind: Kind,
  idOrLabel: string,
  selection = kind.selection,
): Promise<Item> {
  const filter = kind.hasSearch ? ", filter: { search: $label }" : "";
  const { one, many } = await client.query<Found>(
    `query($id: ID!${kind.hasSearch ? ", $label: String" : ""}) {
      one: ${kind.one}(id: $id) { ${selection} }
      many: ${kind.many}(first: ${CANDIDATES_MAX}${filter}) { nodes { ${selection} } }
    }`,
    { id: idOrLabel, ...(kind.hasSearch ? { label: idOrLabel } : {}) },
  );
  if (one !== null) return one;
  const named = many.nodes.filter((item) => item[kind.label] === idOrLabel);
  const [first] = named;
  if (first !== undefined && named.length === 1) return first;
  if (first === undefined)
    throw new NameError(
      `there is no ${inSentence(kind.name)} with the id or ${kind.label} "${idOrLabel}"; \`latchkey list ${kind.plural}\` shows them`,
    );
  throw new NameError(
    `${named.length} ${inSentence(kind.plural)} have the ${kind.label} "${idOrLabel}": give the id of one (${named.map(({ id }) => id).join(", ")})`,
  );
}

/**
 * The id of what an option or an argument names by its id or its title.
 * @param option what names it, for the error: `--api`
 */
export async function findId(
  client: GraphqlClient,
  kindName: string,
  idOrLabel: string,
  option?: string,
): Promise<string> {
  const kind = kindNamed(kindName);
  try {
    return (await find(client, kind, idOrLabel, `id ${kind.label}`)).id;
  } catch (error) {
    if (error instanceof NameError && option !== undefined)
      throw new NameError(`${option}: ${error.message}`);
    throw error;
  }
}
