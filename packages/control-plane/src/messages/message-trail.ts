/**
 * The message trail: requests that nodes report one by one, kept for a time and shown as they come. Writes in short batches, and
 * deletes what is too old or too much in small slices. Bounded: what does not fit is not kept, and that is counted.
 */
import type { Clock } from "@latchkey/core";
import type { Logger } from "@latchkey/observe";
import type { SecretCipher } from "@latchkey/snapshot";
import { CoalescedTask } from "../db/coalesced-task.js";
import type { NodeName } from "../nodes/node-registry-options.js";
import { Broadcast } from "../pub-sub/broadcast.js";
import type { Mailbox } from "../pub-sub/mailbox.js";
import type { UsageReport } from "../snapshot/node-observer.js";
import type { Message, MessageFilter } from "./message.js";
import {
  contentBytes,
  decryptContent,
  encryptContent,
  type MessageContent,
  type MessageName,
  type MissingContent,
} from "./message-content.js";
import type { OpenMessages } from "./message-database.js";
import type { MessageMetrics } from "./message-metrics.js";
import {
  countMessages,
  countMinute,
  coverageOf,
  findMessage,
  insertMessages,
  type MessageCoverage,
  type MessageHistogram,
  type MessagePage,
  oldestMessageAtMs,
  pageMessages,
  readContent,
  trimMessages,
  trimMinutes,
} from "./message-store.js";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const WRITE_INTERVAL_MS = 1_000;
/** Writes between two looks for what is too old or too much. */
const WRITES_PER_TRIM = 10;
/** Messages that wait to be written: about 10 MB. */
const UNWRITTEN_MAX = 20_000;
/** Headers and bodies of those. */
const CONTENT_BYTES_MAX = 16 * 1024 * 1024;
const LISTENERS_MAX = 200;
/** Messages that wait for a slow listener. */
const TAIL_BACKLOG_MAX = 200;

export interface MessageTrailOptions {
  readonly database: OpenMessages;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MessageMetrics;
  /** Encrypts headers and bodies. */
  readonly cipher: SecretCipher;
  /** How long messages are kept. */
  readonly days: number;
  /** How many are kept; 0: none. */
  readonly rowsMax: number;
}

interface Minute {
  requests: number;
  kept: number;
}

export class MessageTrail implements AsyncDisposable {
  readonly #options: MessageTrailOptions;
  readonly #tail = new Broadcast<Message>({ listenersMax: LISTENERS_MAX, backlogMax: TAIL_BACKLOG_MAX });
  readonly #timer: NodeJS.Timeout;
  #unwritten: Message[] = [];
  /** Of their headers and bodies. */
  #contentBytes = 0;
  /** Requests that were reported and not counted yet, by the minute's start, by our clock. */
  #minutes = new Map<number, Minute>();
  #writes = 0;
  readonly #writing = new CoalescedTask(() => this.#write());
  #isClosed = false;
  #isFailing = false;

  constructor(options: MessageTrailOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.write(), WRITE_INTERVAL_MS);
    this.#timer.unref();
    const { database, metrics } = options;
    metrics.show({
      bytes: () => database.bytes(),
      oldestAtMs: () => oldestMessageAtMs(database.db),
    });
  }

  /** What a node reported. */
  record({ nodeId, nodeName }: NodeName, report: UsageReport): void {
    const { clock, metrics, rowsMax } = this.#options;
    const nowMs = clock.now();
    // What a wrong clock puts into the future would outlive all others.
    const messages = report.samples.map(
      (sample): Message => ({
        ...sample,
        atMs: Math.min(sample.atMs, nowMs),
        nodeId,
        nodeName,
        content: rowsMax === 0 ? null : this.#admit(sample.content),
      }),
    );
    if (this.#tail.listenerCount > 0)
      for (const message of messages) this.#tail.send({ ...message, content: null });
    if (rowsMax === 0) return;
    const room = UNWRITTEN_MAX - this.#unwritten.length;
    this.#unwritten.push(...messages.slice(0, room));
    const minute = this.#minute(nowMs);
    minute.requests += report.counts.reduce((sum, { count }) => sum + count, report.dropped);
    minute.kept += Math.min(messages.length, room);
    if (messages.length > room) metrics.dropped("backlog", messages.length - room);
  }

  /** Messages from now on. @throws TooManyListeners */
  tail(): Mailbox<Message> {
    return this.#tail.listen();
  }

  find(interchangeId: string): Promise<Message | null> {
    return findMessage(this.#options.database.db, interchangeId);
  }

  /** Headers and bodies, or why there are none. */
  async content(name: MessageName): Promise<MessageContent | MissingContent> {
    return decryptContent(this.#options.cipher, await readContent(this.#options.database.db, name), name);
  }

  /** Newest first. @throws CursorError */
  page(filter: MessageFilter, first: number, after: string | null): Promise<MessagePage> {
    return pageMessages(this.#options.database.db, filter, first, after);
  }

  histogram(filter: MessageFilter, fromMs: number, toMs: number, buckets: number): Promise<MessageHistogram> {
    return countMessages(this.#options.database.db, filter, { fromMs, toMs, buckets });
  }

  /** How many of the requests of all nodes and APIs are kept. */
  coverage({ since, until }: Pick<MessageFilter, "since" | "until">): Promise<MessageCoverage> {
    return coverageOf(this.#options.database.db, since?.getTime() ?? null, until?.getTime() ?? null);
  }

  /** Writes what was recorded, and deletes what is not kept any more. Never throws. */
  write(): Promise<void> {
    return this.#writing.run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#tail.close();
    this.#isClosed = true;
    await this.write();
    await this.#options.database.close();
  }

  async #write(): Promise<void> {
    const { logger } = this.#options;
    try {
      await this.#writeUnwritten();
      if (this.#writes++ % WRITES_PER_TRIM === 0) await this.#trim();
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) logger.warn({ err: error }, "requests are missing in the message trail");
      this.#isFailing = true;
    }
  }

  /** Messages that cannot be written are lost: it is a log, and there is more to come. Their requests are counted later. */
  async #writeUnwritten(): Promise<void> {
    const {
      database: { db },
      metrics,
      cipher,
    } = this.#options;
    const messages = this.#unwritten;
    const minutes = this.#minutes;
    this.#unwritten = [];
    this.#contentBytes = 0;
    this.#minutes = new Map();
    let written = 0;
    try {
      await insertMessages(
        db,
        messages,
        (message) => encryptContent(cipher, message),
        (rows) => {
          written += rows;
        },
      );
      for (const [atMs, { requests, kept }] of minutes) {
        await countMinute(db, atMs, requests, kept);
        minutes.delete(atMs);
      }
    } catch (error) {
      for (const [atMs, { requests }] of minutes) this.#minute(atMs).requests += requests;
      throw error;
    } finally {
      metrics.written(written);
      metrics.dropped("database", messages.length - written);
    }
  }

  async #trim(): Promise<void> {
    const { database, clock, metrics, days, rowsMax } = this.#options;
    const startedMs = clock.monotonicMs();
    const beforeMs = clock.now() - days * DAY_MS;
    await trimMinutes(database.db, beforeMs);
    let deleted = 0;
    for (let more = 1; more > 0 && !this.#isClosed; ) {
      more = await trimMessages(database.db, rowsMax, beforeMs);
      deleted += more;
    }
    metrics.trimmed(deleted, clock.monotonicMs() - startedMs);
  }

  /** As it was reported, if there is room for it in what waits to be written. */
  #admit(content: Message["content"]): Message["content"] {
    if (content === null || content === "no-room") return content;
    const bytes = contentBytes(content);
    if (this.#contentBytes + bytes > CONTENT_BYTES_MAX) return "no-room";
    this.#contentBytes += bytes;
    return content;
  }

  #minute(atMs: number): Minute {
    const startMs = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
    let minute = this.#minutes.get(startMs);
    if (minute === undefined) {
      minute = { requests: 0, kept: 0 };
      this.#minutes.set(startMs, minute);
    }
    return minute;
  }
}
