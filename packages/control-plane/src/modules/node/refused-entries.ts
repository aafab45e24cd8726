/**
 * Refused attempts of nodes in the audit log: the first of a kind at once, the rest of a minute as one entry with a
 * count, so that every attempt is told of and a flood fills no disk. Never sees a token.
 */

import { ok } from "@latchkey/core";
import type { Logger } from "@latchkey/observe";
import type { Writer } from "../../write.js";
import type { RefusedEntry } from "./node-registry.js";

/** What a stranger calls itself is shown no longer than this. */
const NAME_CHARS_MAX = 100;
const GATHER_MS = 60_000;
/** Kinds told apart at the same time; beyond, they are counted together. */
const KINDS_MAX = 1_000;

interface Gathered {
  readonly address: string;
  readonly claimedNode: string | null;
  count: number;
}

export class RefusedEntries implements AsyncDisposable {
  readonly #writer: Writer;
  readonly #logger: Logger;
  /** By address and claim; those of the current minute. */
  #gathered = new Map<string, Gathered>();
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(deps: { readonly writer: Writer; readonly logger: Logger }) {
    this.#writer = deps.writer;
    this.#logger = deps.logger;
  }

  note({ peer, claimedNode }: RefusedEntry): void {
    const address = peer.replace(/:\d+$/, "");
    const name = this.#gathered.size < KINDS_MAX ? `${address} ${claimedNode ?? ""}` : "";
    const known = this.#gathered.get(name);
    if (known !== undefined) {
      known.count++;
      return;
    }
    // Counted from here on; this first one is written now.
    this.#gathered.set(name, { address: name === "" ? "several" : address, claimedNode, count: 0 });
    this.#write(address, claimedNode, 1);
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#flush();
    }, GATHER_MS).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#flush();
    await this.#writing;
  }

  #flush(): void {
    const gathered = this.#gathered;
    this.#gathered = new Map();
    for (const { address, claimedNode, count } of gathered.values())
      if (count > 0) this.#write(address, claimedNode, count);
  }

  #write(address: string, claimedNode: string | null, attempts: number): void {
    this.#logger.warn({ address, claimedNode, attempts }, "a node was refused");
    this.#writing = this.#writing.then(async () => {
      try {
        const context = { principal: { actor: "nodes", via: "internal" }, requestId: null } as const;
        await this.#writer.write(context, async (scope) => {
          scope.audit({
            action: "node.refuse",
            targetKind: "node",
            targetId: "",
            targetName: clip(claimedNode ?? "unknown"),
            subscriptionId: null,
            before: null,
            after: {
              address,
              attempts,
              reason: claimedNode === null ? "a token that is nobody's" : "a token of another node",
            },
          });
          return ok(null);
        });
      } catch (error) {
        this.#logger.warn({ err: error }, "cannot write the audit entry of a refused node");
      }
    });
  }
}

function clip(name: string): string {
  return name.length <= NAME_CHARS_MAX ? name : `${name.slice(0, NAME_CHARS_MAX - 1)}…`;
}
