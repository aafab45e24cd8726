/** The primary's side of one worker's stream: sends in order, and waits for the stream where it is full. */
import type { ServerDuplexStream } from "@grpc/grpc-js";
import type { Hello, SubscribeRequest, SubscribeResponse } from "@latchkey/proto";

export type RelayStream = ServerDuplexStream<SubscribeRequest, SubscribeResponse>;

export class WorkerStream {
  hello: Hello | null = null;
  /** Goes in front of the first revision; null: none. */
  grant: SubscribeResponse | null = null;
  /** It knows where the primary stands, and gets what follows. */
  isWelcome = false;
  readonly #stream: RelayStream;
  readonly #jobs: Job[] = [];
  #isSending = false;
  #isStopped = false;

  constructor(stream: RelayStream) {
    this.#stream = stream;
  }

  /** @param onOver called once: all was sent, or the worker is gone */
  send(messages: Iterable<SubscribeResponse>, onOver: () => void = () => {}): void {
    this.#jobs.push({ messages, onOver });
    if (!this.#isSending) void this.#work();
  }

  stop(): void {
    this.#isStopped = true;
    for (const { onOver } of this.#jobs.splice(0)) onOver();
  }

  async #work(): Promise<void> {
    this.#isSending = true;
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      for (const message of job.messages) {
        if (this.#isStopped) break;
        if (!this.#stream.write(message)) await drained(this.#stream);
      }
      job.onOver();
    }
    this.#isSending = false;
  }
}

interface Job {
  readonly messages: Iterable<SubscribeResponse>;
  readonly onOver: () => void;
}

function drained(stream: RelayStream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off("drain", done);
      stream.off("close", done);
      resolve();
    };
    stream.on("drain", done);
    stream.on("close", done);
  });
}
