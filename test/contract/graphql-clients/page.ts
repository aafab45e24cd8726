/** docs/graphql.md and README.md as their tests read them: examples in order, TypeScript, and what placeholders stand for. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");
export const page = readFileSync(join(root, "docs/graphql.md"), "utf8");

export interface Example {
  readonly name: string;
  readonly query: string;
  readonly variables: string;
  readonly isLive: boolean;
}

export const examples = examplesOf(page);
export const readmeExamples = examplesOf(readFileSync(join(root, "README.md"), "utf8"));

function examplesOf(text: string): readonly Example[] {
  const blocks = text.matchAll(/```graphql\n([\s\S]*?)```(?:\n```json\n([\s\S]*?)```)?/g);
  return [...blocks].map(([, query = "", variables = "{}"]) => ({
    name: /^(?:query|mutation|subscription) (\w+)/.exec(query)?.[1] ?? "",
    query,
    variables,
    isLive: query.startsWith("subscription"),
  }));
}

/** The page's blocks of TypeScript. */
export const codeBlocks: readonly string[] = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(
  ([, code = ""]) => code,
);

/** `<subscription>`, `<api>` … of the page are the newest object of that kind that a response had. */
export class Placeholders {
  readonly #ids = new Map<string, string>();

  fill(variables: string): Record<string, unknown> {
    const text = variables.replace(/<(\w+)>/g, (_, name: string) => this.#ids.get(name) ?? `no ${name} yet`);
    return JSON.parse(text) as Record<string, unknown>;
  }

  remember(value: unknown, name = ""): void {
    if (typeof value !== "object" || value === null) return;
    if ("id" in value && typeof value.id === "string") this.#ids.set(name, value.id);
    for (const [key, child] of Object.entries(value)) this.remember(child, key);
  }
}
