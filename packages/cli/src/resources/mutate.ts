/** Sends a mutation of a resource, turns user errors into errors of options, and tells on which nodes the change is in force. */
import { UsageError } from "../exit-code.js";
import type { GraphqlClient } from "../graphql-client.js";
import { GraphqlRequestError, type UserError } from "../graphql-client.js";
import { type OptionNames, refusal } from "../option-names.js";
import { printError } from "../output.js";

export interface Change {
  /** `createApi` */
  readonly mutation: string;
  /** Fields of the payload beside the receipt and the user errors. */
  readonly selection: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly names: OptionNames;
}

interface Common {
  readonly receipt: { readonly complete: boolean; readonly message: string } | null;
  readonly userErrors: readonly UserError[];
}

/** Nodes get so long to confirm; a change that some have not confirmed then is in force there later. */
const RECEIPT_MS = 5_000;

/**
 * @throws GraphqlRequestError with the option behind each user error
 * @throws UsageError with the option behind a value that is missing or cannot be read
 */
export async function mutate<T>(client: GraphqlClient, change: Change): Promise<T> {
  const { mutation, selection, input, names } = change;
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  const { changed } = await client
    .query<{ changed: T & Common }>(
      `mutation($input: ${type}!) {
        changed: ${mutation}(input: $input) {
          ${selection} receipt(timeoutMs: ${RECEIPT_MS}) { complete message } userErrors { field code message }
        }
      }`,
      { input },
    )
    .catch((error: unknown) => {
      throw withOption(error, names);
    });
  if (changed.userErrors.length > 0)
    throw new GraphqlRequestError(changed.userErrors.map((error) => refusal(error, names)).join("\n"));
  if (changed.receipt !== null && !changed.receipt.complete) printError([changed.receipt.message]);
  return changed;
}

/** GraphQL checks the form of an input before the mutation does. */
function withOption(error: unknown, names: OptionNames): unknown {
  const wrong = error instanceof GraphqlRequestError ? error.wrongInput : null;
  if (wrong === null) return error;
  return new UsageError(refusal(wrong, names));
}
