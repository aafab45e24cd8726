// A counting semaphore with a fair queue. A permit is the right to one connection of a pool. Members (keys) share what
// their group (API) may hold, groups share the pool, each by a limit that shrinks as the pool fills up: some permits
// remain for those that hold none (ADR 0672). Opens and closes no connection.

/**
 * A group may hold this many times the permits that are free, and a member as many as its group may still take
 * (Choudhury and Hahne, "Dynamic queue length thresholds", 1998). With 3 a group alone takes three quarters of the
 * permits, and one member alone 60 %.
 */
const GROUP_RATIO = 3;

/** Entries before the head of a queue that are kept until they are worth a copy. */
const QUEUE_SLACK = 64;

export const NO_PERMIT = 0;
const WAITING = 1;
export const HELD = 2;

/** A request that holds a permit, or waits for one. */
export interface PermitHolder {
  readonly share: Share;
  /** NO_PERMIT, WAITING or HELD; set by FairSemaphore only. */
  permit: number;
  /** Tick at which waiting ends. */
  waitDeadline: number;
}

/** Members of one API. */
class Group {
  readonly id: string;
  held = 0;
  waiting = 0;
  readonly members = new Map<string, Share>();
  /** Members with waiting requests. */
  readonly ring: Share[] = [];
  next = 0;

  constructor(id: string) {
    this.id = id;
  }
}

/** What one member holds, and its queue. */
export class Share {
  readonly group: Group;
  readonly member: string;
  /** Requests without a group are not limited. */
  readonly isExempt: boolean;
  held = 0;
  waiting = 0;
  /** A request of it timed out in the queue, and none got a permit since: others would time out too. */
  isStalled = false;
  queue: PermitHolder[] = [];
  queueHead = 0;

  constructor(group: Group, member: string, isExempt: boolean) {
    this.group = group;
    this.member = member;
    this.isExempt = isExempt;
  }
}

export class FairSemaphore<T extends PermitHolder> {
  readonly #permitsMax: number;
  readonly #waitingMax: number;
  #held = 0;
  #waiting = 0;
  readonly #groups = new Map<string, Group>();
  /** Groups with waiting requests. */
  readonly #ring: Group[] = [];
  #next = 0;
  readonly #exempt = new Share(new Group(""), "", true);
  #last = this.#exempt;

  constructor(permitsMax: number, waitingMax: number) {
    this.#permitsMax = permitsMax;
    this.#waitingMax = waitingMax;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** The share of a member; without a group it is not limited. */
  shareOf(group: string | undefined, member: string): Share {
    if (group === undefined) return this.#exempt;
    const last = this.#last;
    if (last.member === member && last.group.id === group) return last;
    const share = this.#groups.get(group)?.members.get(member) ?? this.#newShare(group, member);
    this.#last = share;
    return share;
  }

  /** Whether a request of this member may have a permit now. */
  mayAcquire(share: Share): boolean {
    const free = this.#permitsMax - this.#held;
    return free > 0 && (share.isExempt || isWithin(free, share.group.held, share.held));
  }

  /** `mayAcquire` was true for its share. */
  acquire(holder: T): void {
    const { share } = holder;
    holder.permit = HELD;
    share.isStalled = false;
    share.held++;
    share.group.held++;
    this.#held++;
  }

  /** Returns a permit, or leaves the queue. */
  release(holder: T): void {
    const { permit, share } = holder;
    holder.permit = NO_PERMIT;
    if (permit === HELD) {
      share.held--;
      share.group.held--;
      this.#held--;
    } else if (permit === WAITING) {
      this.#left(share);
    }
  }

  /** Whether one more request of this member may wait. */
  mayWait(share: Share): boolean {
    const free = this.#waitingMax - this.#waiting;
    if (free <= 0) return false;
    return share.isExempt || (!share.isStalled && isWithin(free, share.group.waiting, share.waiting));
  }

  enqueue(holder: T, deadline: number): void {
    const { share } = holder;
    const { group } = share;
    holder.permit = WAITING;
    holder.waitDeadline = deadline;
    if (group.waiting++ === 0) this.#ring.push(group);
    if (share.waiting++ === 0) group.ring.push(share);
    share.queue.push(holder);
    this.#waiting++;
  }

  /** The next request that may have a permit: groups in turn, members of a group in turn, each in the order of arrival. */
  dequeue(): T | null {
    const ring = this.#ring;
    for (let i = 0; i < ring.length; i++) {
      const group = ring[(this.#next + i) % ring.length]!;
      for (let j = 0; j < group.ring.length; j++) {
        const share = group.ring[(group.next + j) % group.ring.length]!;
        if (!this.mayAcquire(share)) continue;
        this.#next = (this.#next + i + 1) % ring.length;
        group.next = (group.next + j + 1) % group.ring.length;
        return this.#first(share);
      }
    }
    return null;
  }

  /** Removes the requests whose time in the queue is over; Infinity: all of them. */
  expire(tick: number): readonly T[] {
    if (this.#waiting === 0) return NONE;
    const expired: T[] = [];
    for (const group of this.#ring.slice()) {
      for (const share of group.ring.slice()) {
        while (share.waiting > 0 && firstOf(share).waitDeadline <= tick) {
          share.isStalled = true;
          expired.push(this.#first(share));
        }
      }
    }
    return expired;
  }

  /** Forgets members that hold no permit and wait for none. */
  sweep(): void {
    this.#last = this.#exempt;
    for (const group of this.#groups.values()) {
      for (const share of group.members.values())
        if (share.held === 0 && share.waiting === 0) group.members.delete(share.member);
      if (group.members.size === 0) this.#groups.delete(group.id);
    }
  }

  #newShare(groupId: string, member: string): Share {
    let group = this.#groups.get(groupId);
    if (group === undefined) {
      group = new Group(groupId);
      this.#groups.set(groupId, group);
    }
    const share = new Share(group, member, false);
    group.members.set(member, share);
    return share;
  }

  #first(share: Share): T {
    const first = firstOf(share) as T;
    share.queueHead++;
    first.permit = NO_PERMIT;
    this.#left(share);
    return first;
  }

  /** Counts one less. A request that left before its turn stays in the array and is skipped. */
  #left(share: Share): void {
    const { group } = share;
    this.#waiting--;
    if (--share.waiting === 0) {
      share.queue = [];
      share.queueHead = 0;
      group.ring.splice(group.ring.indexOf(share), 1);
    } else if (share.queueHead > QUEUE_SLACK && share.queueHead * 2 > share.queue.length) {
      share.queue = share.queue.slice(share.queueHead);
      share.queueHead = 0;
    }
    if (--group.waiting === 0) this.#ring.splice(this.#ring.indexOf(group), 1);
  }
}

const NONE: readonly never[] = [];

/** The queue is not empty. */
function firstOf(share: Share): PermitHolder {
  while (share.queue[share.queueHead]!.permit !== WAITING) share.queueHead++;
  return share.queue[share.queueHead]!;
}

function isWithin(free: number, ofGroup: number, ofMember: number): boolean {
  return ofMember < GROUP_RATIO * free - ofGroup;
}
