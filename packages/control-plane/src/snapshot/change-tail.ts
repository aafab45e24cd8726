/**
 * The newest steps with their bodies, shared by all streams: a stream only remembers where it stands, so a slow one
 * costs nothing here and never queues. Bounded; a node behind the oldest step is served from the change log.
 */
import { type ResourceRecord, type ResourceRef, type Revision, resourceName } from "@latchkey/snapshot";

/** What one resource became. */
export interface ResourceState {
  readonly ref: ResourceRef;
  /** Null when it is gone. */
  readonly record: ResourceRecord | null;
  readonly revocation: boolean;
}

/** From one published revision to the next. */
export interface Step {
  readonly from: Revision;
  readonly to: Revision;
  readonly states: readonly ResourceState[];
  /** The digest at `to`. */
  readonly digest: Uint8Array;
  readonly revocation: boolean;
}

/** Several steps as one: at most one state a resource. */
export interface MergedSteps {
  readonly to: Revision;
  readonly states: readonly ResourceState[];
  readonly digest: Uint8Array;
}

export interface TailBounds {
  readonly bytesMax: number;
  readonly statesMax: number;
}

/** About what a state costs beside its body. */
const STATE_BYTES = 200;

export class ChangeTail {
  readonly #bounds: TailBounds;
  #steps: Step[] = [];
  #bytes = 0;
  #states = 0;

  constructor(bounds: TailBounds) {
    this.#bounds = bounds;
  }

  push(step: Step): void {
    this.#steps.push(step);
    this.#bytes += stepBytes(step);
    this.#states += step.states.length;
    let dropped = 0;
    // The newest step always stays: every stream needs it next.
    while (
      dropped < this.#steps.length - 1 &&
      (this.#bytes > this.#bounds.bytesMax || this.#states > this.#bounds.statesMax)
    ) {
      const oldest = this.#steps[dropped++];
      if (oldest === undefined) break;
      this.#bytes -= stepBytes(oldest);
      this.#states -= oldest.states.length;
    }
    if (dropped > 0) this.#steps = this.#steps.slice(dropped);
  }

  clear(): void {
    this.#steps = [];
    this.#bytes = 0;
    this.#states = 0;
  }

  /** The digest at a revision that was published lately; undefined when unknown. */
  digestAt(revision: Revision): Uint8Array | undefined {
    return this.#steps.find((step) => step.to.epoch === revision.epoch && step.to.number === revision.number)
      ?.digest;
  }

  /** True when something after `revision` takes access away. */
  hasRevocationSince(revision: Revision): boolean {
    for (let i = this.#steps.length - 1; i >= 0; i--) {
      const step = this.#steps[i];
      if (step === undefined || step.to.number <= revision.number) return false;
      if (step.revocation) return true;
    }
    return false;
  }

  /**
   * What happened after `revision`, up to the newest step or the first that fills `bytesMax`; null when the tail does
   * not reach back that far. A revision inside a step gets the whole step: states say what is, so twice is harmless.
   */
  since(revision: Revision, bytesMax = Number.POSITIVE_INFINITY): MergedSteps | null {
    const first = this.#indexAfter(revision);
    if (first === null) return null;
    const merged = new Map<string, ResourceState>();
    let bytes = 0;
    let last: Step | undefined;
    for (let i = first; i < this.#steps.length && (last === undefined || bytes < bytesMax); i++) {
      last = this.#steps[i];
      if (last === undefined) break;
      for (const state of last.states) {
        const name = resourceName(state.ref);
        const revocation = state.revocation || merged.get(name)?.revocation === true;
        merged.set(name, { ...state, revocation });
      }
      bytes += stepBytes(last);
    }
    return last === undefined ? null : { to: last.to, states: [...merged.values()], digest: last.digest };
  }

  /** The first step that ends after `revision`; null when there is none or a gap before it. */
  #indexAfter(revision: Revision): number | null {
    const oldest = this.#steps[0];
    if (oldest === undefined || oldest.from.epoch !== revision.epoch || revision.number < oldest.from.number)
      return null;
    let low = 0;
    let high = this.#steps.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const step = this.#steps[middle];
      if (step !== undefined && step.to.number <= revision.number) low = middle + 1;
      else high = middle;
    }
    return low < this.#steps.length ? low : null;
  }
}

function stepBytes(step: Step): number {
  let bytes = STATE_BYTES;
  for (const state of step.states) bytes += STATE_BYTES + (state.record?.body.length ?? 0);
  return bytes;
}
