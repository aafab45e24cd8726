/**
 * The topics of GraphQL subscriptions, and where their values come from. It is the `pubSub` of the schema: subscriptions
 * read from the rooms of nodes, receipts and traffic here, and nothing is published through it.
 */
import type { Revision } from "@latchkey/snapshot";
import { badUserInput } from "../graphql/connection.js";
import { isWanted, type Message, type MessageFilter } from "../messages/message.js";
import type { MessageTrail } from "../messages/message-trail.js";
import type { NodeView } from "../nodes/node.js";
import type { NodeRegistry } from "../nodes/node-registry.js";
import { TooManyListeners } from "../pub-sub/broadcast.js";
import { mapValues } from "../pub-sub/mailbox.js";
import {
  type ReceiptScope,
  type Receipts,
  type RevisionReceipt,
  TooManyWaiters,
} from "../receipts/receipts.js";
import type { NodeUsage } from "../traffic/node-usage.js";
import type { TrafficFilter, TrafficPoint } from "../traffic/traffic.js";

export interface RevisionArgs {
  readonly epoch?: number | null;
  readonly number: number;
}

/** Topic → arguments and values. */
export interface LiveQueryTopics {
  readonly revisionAcknowledged: {
    readonly args: {
      readonly revision: RevisionArgs;
      readonly nodes?: ReceiptScope | null;
      readonly timeoutMs?: number | null;
    };
    readonly value: RevisionReceipt;
  };
  readonly nodesChanged: { readonly args: object; readonly value: readonly NodeView[] };
  readonly traffic: { readonly args: TrafficFilter; readonly value: TrafficPoint };
  readonly requestTail: {
    readonly args: { readonly filter?: MessageFilter | null };
    readonly value: Message;
  };
}

export type LiveQueryTopic = keyof LiveQueryTopics;

export interface LiveQueriesDeps {
  readonly registry: NodeRegistry;
  readonly receipts: Receipts;
  readonly usage: NodeUsage;
  readonly messages: MessageTrail;
}

type Sources = {
  readonly [T in LiveQueryTopic]: (
    args: LiveQueryTopics[T]["args"],
  ) => AsyncIterable<LiveQueryTopics[T]["value"]>;
};

export class LiveQueries {
  readonly #deps: LiveQueriesDeps;
  readonly #sources: Sources = {
    revisionAcknowledged: (args) => this.#revisionAcknowledged(args),
    nodesChanged: () => this.#nodesChanged(),
    traffic: (args) => this.#traffic(args),
    requestTail: (args) => this.#requestTail(args),
  };

  constructor(deps: LiveQueriesDeps) {
    this.#deps = deps;
  }

  /** Values of a topic from now on. @throws RangeError for an unknown topic */
  subscribe(topic: string, args: unknown): AsyncIterable<unknown> {
    if (!Object.hasOwn(this.#sources, topic)) throw new RangeError(`no topic ${topic}`);
    try {
      // GraphQL has checked the arguments against the schema by now.
      return this.#sources[topic as LiveQueryTopic](args as never);
    } catch (error) {
      if (error instanceof TooManyListeners || error instanceof TooManyWaiters)
        throw badUserInput(`Too many subscriptions: ${error.message}.`);
      throw error;
    }
  }

  /** Nothing is published from outside. */
  publish(): void {}

  #revisionAcknowledged({
    revision,
    nodes,
    timeoutMs,
  }: LiveQueryTopics["revisionAcknowledged"]["args"]): AsyncIterable<RevisionReceipt> {
    const { receipts, registry } = this.#deps;
    return receipts.follow(revisionOf(revision, registry), nodes ?? "ALL", timeoutMs ?? undefined);
  }

  /** All nodes first, then those that changed; one that is gone is not among them. */
  #nodesChanged(): AsyncIterable<readonly NodeView[]> {
    const { registry } = this.#deps;
    return mapValues(registry.watch(), (ids) => ids.flatMap((id) => registry.view(id) ?? []));
  }

  /** One point a second: that of the second that is just over. */
  #traffic(filter: TrafficFilter): AsyncIterable<TrafficPoint> {
    const { usage } = this.#deps;
    return mapValues(usage.seconds(), () => usage.traffic.lastSecond(filter));
  }

  #requestTail({ filter }: LiveQueryTopics["requestTail"]["args"]): AsyncIterable<Message> {
    return mapValues(this.#deps.messages.tail(), (message) =>
      isWanted(message, filter ?? {}) ? message : null,
    );
  }
}

/** A topic and its arguments, as `@Subscription` takes them. */
export function liveQuery(topic: LiveQueryTopic) {
  return { topics: topic, topicId: ({ args }: { readonly args: unknown }) => args };
}

/** A revision as an argument names it: without an epoch, of the current one. */
export function revisionOf(revision: RevisionArgs, registry: NodeRegistry): Revision {
  return { epoch: revision.epoch ?? registry.newest.epoch, number: revision.number };
}
