/**
 * Refused attempts in the audit log and the log: the first of a kind at once, the rest of a minute as one entry with
 * their number. Every attempt is counted, and a flood fills no disk. Never receives a token.
 */
import { clientNetwork, ok } from "@latchkey/core";
import type { Logger } from "@latchkey/observe";
import type { UnitOfWorkRunner } from "../../unit-of-work/unit-of-work.js";
import type { AuditTargetKind } from "./audit-entry.js";

const GATHER_MS = 60_000;
/** Kinds that are counted apart in one minute; further ones are counted together. Two entries each at most. */
const KINDS_MAX = 100;
const NAME_CHARS_MAX = 100;

export interface RefusedAttempt {
  /** `node.refuse`, `access.refuse` */
  readonly action: string;
  /** Who tried, as far as known. */
  readonly actor: string;
  readonly address: string;
  readonly targetKind: AuditTargetKind;
  readonly targetName: string;
  /** Why, from a fixed set of sentences. */
  readonly reason: string;
}

interface Gathered {
  readonly attempt: RefusedAttempt;
  count: number;
}

export class RefusedAttemptLog implements AsyncDisposable {
  readonly #units: UnitOfWorkRunner;
  readonly #logger: Logger;
  /** By kind; those of the current minute. */
  #gathered = new Map<string, Gathered>();
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(deps: { readonly units: UnitOfWorkRunner; readonly logger: Logger }) {
    this.#units = deps.units;
    this.#logger = deps.logger;
  }

  note(attempt: RefusedAttempt): void {
    const { action, actor, address, targetName, reason } = attempt;
    const own = [action, actor, clientNetwork(address), targetName, reason].join("\n");
    const isFull = this.#gathered.size >= KINDS_MAX && !this.#gathered.has(own);
    const kind = isFull ? action : own;
    const known = this.#gathered.get(kind);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    // Counted from here on; the first one is written now.
    this.#gathered.set(kind, { attempt: isFull ? { ...attempt, address: "several" } : attempt, count: 0 });
    this.#write(attempt, 1);
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#flush();
    }, GATHER_MS).unref();
  }

  /** Writes what was gathered, also before the minute is over. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#flush();
    await this.#writing;
  }

  #flush(): void {
    const gathered = this.#gathered;
    this.#gathered = new Map();
    for (const { attempt, count } of gathered.values()) if (count > 0) this.#write(attempt, count);
  }

  #write(attempt: RefusedAttempt, attempts: number): void {
    const { action, actor, address, targetKind, reason } = attempt;
    const targetName = clip(attempt.targetName);
    this.#logger.warn(
      { action, address, actor, target: targetName, reason, attempts },
      "an attempt was refused",
    );
    const principal = { actor, via: "internal", address } as const;
    this.#writing = this.#writing.then(async () => {
      try {
        await this.#units.run({ principal, requestId: null }, async (scope) => {
          scope.audit({
            action,
            targetKind,
            targetId: "",
            targetName,
            subscriptionId: null,
            before: null,
            after: { address, attempts, reason },
          });
          return ok(null);
        });
      } catch (error) {
        this.#logger.warn({ err: error }, "the audit entry of a refused attempt cannot be written");
      }
    });
  }
}

function clip(name: string): string {
  return name.length <= NAME_CHARS_MAX ? name : `${name.slice(0, NAME_CHARS_MAX - 1)}…`;
}
