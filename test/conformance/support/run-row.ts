// Plays one row against one gateway and notes what client and upstream saw. Judges nothing.
import { withKey } from "./key.js";
import { RawClient } from "./raw-client.js";
import { PROBE_HEADER, type UpstreamRecorder } from "./recorder.js";
import type { Condition, Row, Step } from "./row.js";
import type { Watch } from "./watch.js";
import type { WireMessage } from "./wire.js";

export interface RowPlace {
  readonly port: number;
  readonly key: string;
  readonly recorder: UpstreamRecorder;
  readonly watch: Watch;
  /** How long any one condition may take before the row counts as hung. */
  readonly deadlineMs: number;
}

/** How the client's connection was after the row: a valid request on it got a response, it had ended, or neither. */
export type SeenFate = "kept" | "closed" | "hung" | "ours";

export interface ClientView {
  readonly responses: readonly WireMessage[];
  readonly interims: readonly WireMessage[];
  /** Responses beyond those to the row and the probe, or bytes that are no HTTP. */
  readonly fault: string | null;
  readonly fate: SeenFate;
  /** The condition that never came, in words. */
  readonly stuckAt: string | null;
}

/** Plays the row twice as different clients might: in the writes it has, or byte by byte. */
export type Delivery = "as-written" | "bytewise";

export async function runRow(
  row: Row,
  place: RowPlace,
  delivery: Delivery = "as-written",
): Promise<ClientView> {
  const client = await RawClient.connect(place.port, place.watch, row.headResponses);
  const run = new RowRun(row, place, client, delivery);
  try {
    const view = await run.play();
    return view;
  } finally {
    client.destroy();
    place.recorder.release();
  }
}

/** A request on a connection of its own: when it has its response, what was sent before it has been read. */
export async function barrier(place: RowPlace): Promise<boolean> {
  const client = await RawClient.connect(place.port, place.watch);
  try {
    await client.send(probeBytes(place.key, "barrier"));
    const isSettled = () => client.finalsComplete > 0 || client.ended !== null;
    await place.watch.until(isSettled, place.deadlineMs);
    return client.finalsComplete > 0;
  } finally {
    client.destroy();
  }
}

function probeBytes(key: string, name: string): string {
  const lines = ["GET /t HTTP/1.1", "Host: a.example", `Connxio-Api-Key: ${key}`, `${PROBE_HEADER}: ${name}`];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

class RowRun {
  readonly #row: Row;
  readonly #place: RowPlace;
  readonly #client: RawClient;
  readonly #delivery: Delivery;
  #isOurs = false;

  constructor(row: Row, place: RowPlace, client: RawClient, delivery: Delivery) {
    this.#row = row;
    this.#place = place;
    this.#client = client;
    this.#delivery = delivery;
  }

  async play(): Promise<ClientView> {
    let stuckAt: string | null = null;
    for (const step of this.#row.steps) {
      stuckAt ??= await this.#step(step);
    }
    const wanted = Math.max(...this.#row.accept.map((outcome) => outcome.responses.length));
    if (this.#isOurs) return this.#view("ours", stuckAt);
    const hasAll = () => this.#client.finalsComplete >= wanted;
    stuckAt ??= await this.#until(() => hasAll() || this.#isOver(), `${wanted} responses`);
    if (stuckAt !== null) return this.#view(this.#isOver() ? "closed" : "hung", stuckAt);
    return this.#view(await this.#probe(), null);
  }

  /** Whether the connection still serves: the only proof is to be served. */
  async #probe(): Promise<SeenFate> {
    if (this.#row.steps.some((step) => "halfClose" in step)) {
      const isClosed = await this.#place.watch.until(() => this.#isOver(), this.#place.deadlineMs);
      return isClosed ? "closed" : "hung";
    }
    await this.#client.send(probeBytes(this.#place.key, "probe"));
    const hasResponse = () => this.#client.finals.some(isProbeResponse);
    const isSettled = await this.#place.watch.until(
      () => hasResponse() || this.#isOver(),
      this.#place.deadlineMs,
    );
    if (hasResponse()) return "kept";
    return isSettled ? "closed" : "hung";
  }

  #isOver(): boolean {
    return this.#client.ended !== null || this.#client.reader.fault !== null;
  }

  #view(fate: SeenFate, stuckAt: string | null): ClientView {
    const { reader } = this.#client;
    return {
      responses: this.#client.finals.filter((one) => !isProbeResponse(one)),
      interims: this.#client.interims,
      fault: reader.fault,
      fate,
      stuckAt,
    };
  }

  async #step(step: Step): Promise<string | null> {
    if ("send" in step) return await this.#send(step.send, this.#delivery);
    if ("sendBytewise" in step) return await this.#send(step.sendBytewise, "bytewise");
    if ("drip" in step) return await this.#drip(step.drip, step.everyMs);
    if ("until" in step) {
      const outlivesClient = step.until.some((one) => "upstreamLost" in one);
      const isMet = () => (this.#isOver() && !outlivesClient) || step.until.some((one) => this.#holds(one));
      const patienceMs = step.patienceMs ?? this.#place.deadlineMs;
      const isInTime = await this.#place.watch.until(isMet, patienceMs);
      return isInTime || step.patienceMs !== undefined ? null : step.until.map(conditionText).join(" or ");
    }
    if ("release" in step) this.#place.recorder.release();
    else if ("halfClose" in step) this.#client.halfClose();
    else {
      this.#isOurs = true;
      this.#client.reset();
    }
    return null;
  }

  async #send(text: string, delivery: Delivery): Promise<null> {
    const { key } = this.#place;
    const bytes = withKey(text, key);
    // Very long texts byte by byte would only measure patience.
    if (delivery === "bytewise" && bytes.length <= 1_500) await this.#client.sendBytewise(bytes);
    else await this.#client.send(bytes);
    return null;
  }

  async #drip(text: string, everyMs: number): Promise<string | null> {
    const { watch, deadlineMs } = this.#place;
    const isDone = () => this.#client.finals.length > 0 || this.#isOver();
    const endsAt = performance.now() + deadlineMs;
    while (performance.now() < endsAt) {
      await this.#client.send(text);
      if (await watch.until(isDone, everyMs)) return null;
    }
    return "the end of the drip";
  }

  async #until(isMet: () => boolean, what: string): Promise<string | null> {
    return (await this.#place.watch.until(isMet, this.#place.deadlineMs)) ? null : what;
  }

  #holds(condition: Condition): boolean {
    const { requests } = this.#place.recorder;
    if ("upstreamHeads" in condition) return requests.length >= condition.upstreamHeads;
    if ("upstreamBodyBytes" in condition) {
      return requests.reduce((sum, one) => sum + one.bodyBytes, 0) >= condition.upstreamBodyBytes;
    }
    if ("responses" in condition) return this.#client.finalsComplete >= condition.responses;
    if ("closed" in condition) return this.#client.ended !== null;
    if ("upstreamLost" in condition) {
      return this.#place.recorder.connections.every((one) => one.isLost || one.reader.messages.length === 0);
    }
    if ("interims" in condition) return this.#client.interims.length >= condition.interims;
    return this.#client.finals.reduce((sum, one) => sum + one.bodyBytes, 0) >= condition.clientBodyBytes;
  }
}

function conditionText(condition: Condition): string {
  return Object.entries(condition)
    .map(([name, value]) => (value === true ? name : `${name} ${String(value)}`))
    .join(" ");
}

function isProbeResponse(message: WireMessage): boolean {
  return (
    message.complete && message.bodyBytes === 11 && Buffer.concat(message.body).toString() === "probe:probe"
  );
}
