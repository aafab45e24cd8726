/**
 * Checks that would hold up other requests, in threads of their own. APIs take turns, and within an API its keys, so that
 * one with many checks waits for itself. A thread that does not come back in time is ended and replaced. Threads start with the first check.
 */
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { CheckSubject, FromCheckThread, ThreadVerdict, ToCheckThread } from "./check-messages.js";
import type { OperationChecker } from "./operation-checker.js";
import { costlyBody, type RequestHead, type RequestRefusal } from "./request-validator.js";
import { costlyResponse, type ResponseHead, type ResponseIssue } from "./response-validator.js";
import type { SharedSchemas } from "./shared-schemas.js";

/** `unusable`: the schemas cannot be compiled. `overloaded`: too many checks wait. */
export type PoolVerdict = RequestRefusal | null | "unusable" | "overloaded";
/** None: the response fits. */
export type PoolResponseVerdict = readonly ResponseIssue[] | "unusable" | "overloaded";

export interface CheckPoolOptions {
  /** Default: one less than processors, 1 to 4. */
  readonly threadsMax?: number;
  /** Checks of one API that wait. Default: 32. */
  readonly waitingPerLaneMax?: number;
  /** A check that waited longer is given up. Default: 10,000. */
  readonly waitMsMax?: number;
  /** A thread that works longer on one check is ended: far more than budgets allow. Default: 10,000. */
  readonly checkMsMax?: number;
  /** The largest body. Default: 4 MiB. */
  readonly bodyBytesMax?: number;
}

/** Of `imports` in package.json, so that it is the built file from wherever this one runs. */
const entry = createRequire(import.meta.url).resolve("#check-thread");

const MIB = 1024 * 1024;
/** A thread's heap, in MiB: for itself, and for each MiB of body (`{},{},…` takes twelve times its length). */
const HEAP_MIB = 256;
const HEAP_MIB_PER_BODY_MIB = 32;
/** Compiled schemas that a thread keeps. */
const SCHEMAS_PER_THREAD_MAX = 200;
/** Shared schemas that a thread keeps parsed, about ten bytes of heap each: two of the largest. */
const SHARED_CHARS_PER_THREAD_MAX = 16 * MIB;

interface Check {
  readonly checker: OperationChecker;
  readonly subject: CheckSubject;
  /** The client may have left. */
  readonly isWanted: () => boolean;
  readonly queuedAtMs: number;
  readonly resolve: (verdict: ThreadVerdict | "overloaded") => void;
}

/** Checks of an API that wait. */
interface Lane {
  waiting: number;
  /** By key; the one whose turn it is first. */
  readonly members: Map<string, Check[]>;
}

/** A key may have this many times as many checks waiting as its API has places left: others find some (ADR 0672). */
const SHARE_RATIO = 3;

export class CheckPool {
  readonly #threadsMax: number;
  readonly #waitingPerLaneMax: number;
  readonly #waitMsMax: number;
  readonly #checkMsMax: number;
  readonly #heapMibMax: number;
  readonly #bodyBytesMax: number;
  /** Checks that wait, by API; the API whose turn it is first. */
  readonly #lanes = new Map<string, Lane>();
  readonly #threads = new Set<CheckThread>();
  #isClosed = false;

  constructor(options: CheckPoolOptions = {}) {
    this.#threadsMax = options.threadsMax ?? Math.max(1, Math.min(4, availableParallelism() - 1));
    this.#waitingPerLaneMax = options.waitingPerLaneMax ?? 32;
    this.#waitMsMax = options.waitMsMax ?? 10_000;
    this.#checkMsMax = options.checkMsMax ?? 10_000;
    this.#bodyBytesMax = options.bodyBytesMax ?? 4 * MIB;
    const bodyMib = Math.ceil(this.#bodyBytesMax / MIB);
    this.#heapMibMax = HEAP_MIB + bodyMib * HEAP_MIB_PER_BODY_MIB;
  }

  get threads(): number {
    return this.#threads.size;
  }

  /**
   * Never rejects.
   * @param key of the API
   * @param body null: the head is checked. Its memory may be taken away when it has a buffer of its own
   */
  async check(
    api: string,
    key: string,
    checker: OperationChecker,
    head: RequestHead,
    body: Uint8Array | null,
    isWanted: () => boolean,
  ): Promise<PoolVerdict> {
    const subject: CheckSubject = body === null ? { kind: "head", head } : { kind: "body", head, body };
    const verdict = await this.#add(api, key, checker, subject, isWanted);
    return isIssues(verdict) ? costlyBody : verdict;
  }

  /** The same for a response. */
  async checkResponse(
    api: string,
    key: string,
    checker: OperationChecker,
    head: ResponseHead,
    body: Uint8Array | null,
    isWanted: () => boolean,
  ): Promise<PoolResponseVerdict> {
    const subject: CheckSubject =
      body === null ? { kind: "responseHead", head } : { kind: "response", head, body };
    const verdict = await this.#add(api, key, checker, subject, isWanted);
    if (verdict === null) return [];
    if (isIssues(verdict)) return verdict.issues;
    return typeof verdict === "string" ? verdict : costlyResponse;
  }

  #add(
    api: string,
    key: string,
    checker: OperationChecker,
    subject: CheckSubject,
    isWanted: () => boolean,
  ): Promise<ThreadVerdict | "overloaded"> {
    const lane = this.#lanes.get(api) ?? { waiting: 0, members: new Map<string, Check[]>() };
    const ofKey = lane.members.get(key) ?? [];
    if (this.#isClosed || ofKey.length >= SHARE_RATIO * (this.#waitingPerLaneMax - lane.waiting))
      return Promise.resolve("overloaded");
    return new Promise((resolve) => {
      ofKey.push({ checker, subject, isWanted, queuedAtMs: performance.now(), resolve });
      lane.waiting++;
      lane.members.set(key, ofKey);
      this.#lanes.set(api, lane);
      this.#startNext();
    });
  }

  /** Ends the threads; what waits or runs is given up. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (let check = this.#take(); check !== null; check = this.#take()) check.resolve("overloaded");
    await Promise.all([...this.#threads].map((thread) => thread.end()));
  }

  #startNext(): void {
    for (const thread of this.#threads) if (thread.isIdle && !this.#give(thread)) return;
    while (this.#lanes.size > 0 && this.#threads.size < this.#threadsMax && !this.#isClosed) {
      const thread = new CheckThread(this.#checkMsMax, this.#heapMibMax, this.#bodyBytesMax, {
        onIdle: () => this.#startNext(),
        onEnded: () => {
          this.#threads.delete(thread);
          this.#startNext();
        },
      });
      this.#threads.add(thread);
      if (!this.#give(thread)) return;
    }
  }

  /** False: nothing waits. */
  #give(thread: CheckThread): boolean {
    for (;;) {
      const check = this.#take();
      if (check === null) return false;
      if (!check.isWanted() || performance.now() - check.queuedAtMs > this.#waitMsMax)
        check.resolve("overloaded");
      else if (check.checker.inline === "unusable") check.resolve("unusable");
      else {
        thread.run(check);
        return true;
      }
    }
  }

  #take(): Check | null {
    const [firstLane] = this.#lanes;
    if (firstLane === undefined) return null;
    const [api, lane] = firstLane;
    const [firstMember] = lane.members;
    if (firstMember === undefined) return null;
    const [key, ofKey] = firstMember;
    const check = ofKey.shift() ?? null;
    lane.waiting--;
    lane.members.delete(key);
    if (ofKey.length > 0) lane.members.set(key, ofKey);
    this.#lanes.delete(api);
    if (lane.waiting > 0) this.#lanes.set(api, lane);
    return check;
  }
}

function isOfResponse({ subject }: Check): boolean {
  return subject.kind === "response" || subject.kind === "responseHead";
}

function isIssues(verdict: unknown): verdict is { readonly issues: readonly ResponseIssue[] } {
  return typeof verdict === "object" && verdict !== null && "issues" in verdict;
}

interface CheckThreadOwner {
  onIdle(): void;
  /** It is gone; its check, if there was one, has its verdict. */
  onEnded(): void;
}

class CheckThread {
  readonly #worker: Worker;
  readonly #owner: CheckThreadOwner;
  readonly #checkMsMax: number;
  /** Ids of the schemas that it has, in the order of use. */
  readonly #known = new Set<number>();
  /** Shared schemas that it has, in the order of use, with their lengths. */
  readonly #knownShared = new Map<number, number>();
  #check: Check | null = null;
  #isCompiled = true;
  #isReady = false;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(checkMsMax: number, heapMibMax: number, bodyBytesMax: number, owner: CheckThreadOwner) {
    this.#checkMsMax = checkMsMax;
    this.#owner = owner;
    this.#worker = new Worker(entry, {
      // What the process was started with (loaders, inspectors) is not the thread's.
      execArgv: [],
      workerData: { bodyBytesMax },
      resourceLimits: { maxOldGenerationSizeMb: heapMibMax },
    });
    this.#worker.unref();
    this.#worker.on("message", (message: FromCheckThread) => this.#onMessage(message));
    // Out of memory, or a bug: `exit` follows.
    this.#worker.on("error", () => undefined);
    this.#worker.on("exit", () => this.#ended());
  }

  get isIdle(): boolean {
    return this.#check === null && !this.#isOver;
  }

  run(check: Check): void {
    this.#check = check;
    if (this.#isReady) this.#send(check);
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #send(check: Check): void {
    const { id, schemas, shared } = check.checker;
    const isKnown = this.#known.delete(id);
    this.#known.add(id);
    if (this.#known.size > SCHEMAS_PER_THREAD_MAX) {
      const [oldest = 0] = this.#known;
      this.#known.delete(oldest);
      this.#post({ kind: "forget", schemasId: oldest });
    }
    this.#isCompiled = isKnown;
    const { subject } = check;
    const body = "body" in subject ? subject.body : null;
    const hasOwnBuffer = body !== null && body.byteLength === body.buffer.byteLength;
    const transfer = hasOwnBuffer && body.buffer instanceof ArrayBuffer ? [body.buffer] : [];
    this.#timer = setTimeout(() => this.#giveUp(), this.#checkMsMax);
    const isSharedNeeded = !isKnown && shared !== null;
    this.#post(
      {
        kind: "check",
        schemasId: id,
        schemas: isKnown ? null : schemas,
        shared: isSharedNeeded ? this.#give(shared) : null,
        subject,
      },
      transfer,
    );
  }

  /** The text only when the thread does not have it. */
  #give({ id, text }: SharedSchemas): { readonly id: number; readonly text: string | null } {
    const isKnown = this.#knownShared.delete(id);
    this.#knownShared.set(id, text.length);
    let chars = 0;
    for (const length of this.#knownShared.values()) chars += length;
    for (const [oldest, length] of this.#knownShared) {
      if (chars <= SHARED_CHARS_PER_THREAD_MAX || oldest === id) break;
      this.#knownShared.delete(oldest);
      chars -= length;
      this.#post({ kind: "forgetShared", sharedId: oldest });
    }
    return { id, text: isKnown ? null : text };
  }

  #post(message: ToCheckThread, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #onMessage(message: FromCheckThread): void {
    if (this.#isOver) return;
    switch (message.kind) {
      case "ready":
        this.#isReady = true;
        if (this.#check !== null) this.#send(this.#check);
        break;
      case "compiled":
        this.#isCompiled = true;
        break;
      case "checked": {
        const check = this.#check;
        clearTimeout(this.#timer);
        this.#check = null;
        if (message.verdict === "unusable") check?.checker.putAside();
        check?.resolve(message.verdict);
        this.#owner.onIdle();
        break;
      }
    }
  }

  /** Another thread takes its place at once: native code is not interrupted, and may go on for a while. */
  #giveUp(): void {
    this.#ended();
    void this.#worker.terminate();
  }

  #ended(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    const check = this.#check;
    this.#check = null;
    if (check !== null) {
      if (!this.#isReady) check.resolve("overloaded");
      else if (this.#isCompiled) check.resolve(isOfResponse(check) ? { issues: costlyResponse } : costlyBody);
      else {
        check.checker.rest();
        check.resolve("unusable");
      }
    }
    this.#owner.onEnded();
  }
}
