/**
 * A response whose route asks for a check. Where the route refuses responses that do not match, head and body wait for the
 * outcome; else they go on meanwhile and the outcome is reported.
 */
import type { IngressErrorCode } from "@latchkey/core";
import type { EndToEndHead } from "./headers.js";
import type { ResponseCheck, ResponseOutcome } from "./response-check.js";

/** The head of a response, before the gateway has added to it. */
export interface ReceivedHead {
  readonly status: number;
  readonly statusText: string;
  readonly head: EndToEndHead;
}

export interface ValidatedResponseOwner {
  readonly isOver: boolean;
  /** @param outcome null: it was not checked */
  onOutcome(status: number, outcome: ResponseOutcome | null): void;
  /** It matches: what waited goes on. */
  onValid(head: ReceivedHead, body: readonly Uint8Array[], bodyBytes: number): void;
  onInvalid(code: IngressErrorCode): void;
}

type Verdict = Readonly<{ kind: "pass" } | { kind: "wait" } | { kind: "refuse"; code: IngressErrorCode }>;

const PASS: Verdict = { kind: "pass" };
const WAIT: Verdict = { kind: "wait" };
const refuse = (code: IngressErrorCode): Verdict => ({ kind: "refuse", code });

export class ValidatedResponse {
  readonly #owner: ValidatedResponseOwner;
  readonly #head: ReceivedHead;
  /** It waits for the outcome. */
  readonly #waits: boolean;
  /** Null: there is nothing to be checked any more. */
  #check: ResponseCheck | null;
  #isHeadLater = false;

  constructor(owner: ValidatedResponseOwner, head: ReceivedHead, check: ResponseCheck, waits: boolean) {
    this.#owner = owner;
    this.#head = head;
    this.#check = check;
    this.#waits = waits;
  }

  get status(): number {
    return this.#head.status;
  }

  /** Its head and what goes on of it are kept back. */
  get isWaiting(): boolean {
    return this.#waits && this.#check !== null;
  }

  /** The head is there. */
  start(check: ResponseCheck): Verdict {
    const { status } = this.#head;
    const verdict = check.headNow();
    if (verdict === "unusable" || (verdict !== "later" && verdict.length > 0)) {
      this.#check = null;
      this.#owner.onOutcome(status, verdict);
      if (!this.#waits) return PASS;
      return refuse(verdict === "unusable" ? "integration.unavailable" : "upstream.response_invalid");
    }
    if (verdict !== "later" && !check.needsBody) {
      this.#check = null;
      this.#owner.onOutcome(status, verdict);
      return PASS;
    }
    this.#isHeadLater = verdict === "later";
    if (this.#waits) return WAIT;
    if (!check.needsBody) this.#checkMeanwhile(check);
    return PASS;
  }

  /** A piece of the body. "wait": it is kept here. */
  data(chunk: Uint8Array): Verdict {
    const check = this.#check;
    if (check === null) return PASS;
    const kept = check.keep(chunk);
    if (kept === "kept") return this.#waits ? WAIT : PASS;
    this.#owner.onOutcome(this.#head.status, null);
    if (!this.#waits) {
      this.drop();
      return PASS;
    }
    return refuse(kept === "too_large" ? "upstream.response_too_large" : "gateway.overloaded");
  }

  /** The body is complete. False: the response goes on or is refused once the outcome is known. */
  end(): boolean {
    const check = this.#check;
    if (check === null) return true;
    if (this.#waits) {
      this.#checkFirst(check);
      return false;
    }
    this.#checkMeanwhile(check);
    return true;
  }

  /** The outcome does not matter any more. */
  drop(): void {
    this.#check?.drop();
    this.#check = null;
  }

  #checkMeanwhile(check: ResponseCheck): void {
    this.#check = null;
    const { status } = this.#head;
    const now = this.#isHeadLater ? "later" : check.bodyNow();
    if (now !== "later") {
      check.drop();
      this.#owner.onOutcome(status, now);
      return;
    }
    void check
      .outcome(this.#isHeadLater, () => true)
      .then((outcome) => {
        check.drop();
        this.#owner.onOutcome(status, outcome);
      });
  }

  #checkFirst(check: ResponseCheck): void {
    const now = this.#isHeadLater ? "later" : check.bodyNow();
    if (now !== "later") {
      this.#conclude(check, now);
      return;
    }
    const isWanted = () => !this.#owner.isOver;
    void check.outcome(this.#isHeadLater, isWanted).then((outcome) => {
      if (isWanted()) this.#conclude(check, outcome);
    });
  }

  #conclude(check: ResponseCheck, outcome: ResponseOutcome): void {
    this.#owner.onOutcome(this.#head.status, outcome);
    if (outcome === "unusable") this.#owner.onInvalid("integration.unavailable");
    else if (outcome === "overloaded") this.#owner.onInvalid("gateway.overloaded");
    else if (outcome.length > 0) this.#owner.onInvalid("upstream.response_invalid");
    else this.#owner.onValid(this.#head, check.body, check.bodyBytes);
  }
}
