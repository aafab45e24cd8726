/** Does one thing to several objects, a few at a time, and tells what became of it in one message. */
import { toast } from "./toasts.js";
import { toastWithUndo } from "./undo-toast.js";

const AT_ONCE_MAX = 4;

export interface EachOptions<Item> {
  readonly items: readonly Item[];
  readonly noun: readonly [string, string];
  /** `disabled`, as in "3 keys disabled". */
  readonly done: string;
  /** Null, or why it was not done. */
  readonly run: (item: Item) => Promise<string | null>;
  /** Restores one item; left out where that cannot be. */
  readonly undo?: (item: Item) => Promise<string | null>;
}

export async function runEach<Item>(options: EachOptions<Item>): Promise<void> {
  const { items, noun, done, undo } = options;
  const { changed, problems } = await each(items, options.run);
  const what = `${changed.length} ${changed.length === 1 ? noun[0] : noun[1]} ${done}`;
  if (problems.length > 0)
    toast(`${what}, ${problems.length} not: ${[...new Set(problems)].slice(0, 2).join(" ")}`, "bad");
  else if (undo === undefined) toast(what);
  else
    toastWithUndo(what, async () => {
      const back = await each(changed, undo);
      return back.problems[0] ?? null;
    });
}

async function each<Item>(items: readonly Item[], run: (item: Item) => Promise<string | null>) {
  const changed: Item[] = [];
  const problems: string[] = [];
  const waiting = [...items];
  async function work(): Promise<void> {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      const problem = await run(item);
      if (problem === null) changed.push(item);
      else problems.push(problem);
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE_MAX }, work));
  return { changed, problems };
}
