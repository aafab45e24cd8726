/** Names the option behind a field of an input, as a user error has it: `["input", "apiId"]` is `--api`. */
import type { UserError } from "./graphql-client.js";

/** Paths of fields without `input`, joined by dots, to what a person typed. */
export type OptionNames = Readonly<Record<string, string>>;

/** `--api: No API has this id.`; the longest known path counts, and an unknown one stays as it is. */
export function refusal(
  { field, message }: Pick<UserError, "field" | "message">,
  names: OptionNames,
): string {
  const path = field?.[0] === "input" ? field.slice(1) : (field ?? []);
  for (let length = path.length; length > 0; length--) {
    const name = names[path.slice(0, length).join(".")];
    if (name !== undefined) return `${name}: ${message}`;
  }
  return path.length === 0 ? message : `${path.join(".")}: ${message}`;
}
