// Who may hold one of a pool's connections, and who is next when all that may be held are. A seat is the right to one
// connection. Members (keys) share within their group (API), groups share the pool, each by a limit that shrinks as the
// pool fills up: some seats always remain for whoever holds none (ADR 0672). Opens and closes nothing.

/**
 * A group may hold this many times the seats that are free, and a member as many as its group may still take
 * (Choudhury and Hahne, "Dynamic queue length thresholds", 1998). With 3 a group alone takes three quarters of the
 * seats, and one member alone 60 %.
 */
const GROUP_RATIO = 3;

/** Places before the head of a line that are kept until they are worth a copy. */
const LINE_SLACK = 64;

export const UNSEATED = 0;
export const WAITING = 1;
export const SEATED = 2;

/** What may hold a seat, or wait for one. */
export interface Seatable {
  readonly share: Share;
  /** UNSEATED, WAITING or SEATED; set by FairSeats only. */
  seat: number;
  /** Tick at which waiting ends. */
  waitDeadline: number;
}

/** Members of one API. */
class Group {
  readonly id: string;
  held = 0;
  waiting = 0;
  readonly members = new Map<string, Share>();
  /** Members with somebody in line. */
  readonly ring: Share[] = [];
  next = 0;

  constructor(id: string) {
    this.id = id;
  }
}

/** What one member holds and waits for. */
export class Share {
  readonly group: Group;
  readonly member: string;
  /** Not limited: who belongs to no group. */
  readonly isExempt: boolean;
  held = 0;
  waiting = 0;
  /** Somebody waited in vain, and no seat was taken since: others would wait in vain too. */
  isStalled = false;
  line: Seatable[] = [];
  lineHead = 0;

  constructor(group: Group, member: string, isExempt: boolean) {
    this.group = group;
    this.member = member;
    this.isExempt = isExempt;
  }
}

export class FairSeats<T extends Seatable> {
  readonly #seatsMax: number;
  readonly #waitingMax: number;
  #held = 0;
  #waiting = 0;
  readonly #groups = new Map<string, Group>();
  /** Groups with somebody in line. */
  readonly #ring: Group[] = [];
  #next = 0;
  readonly #exempt = new Share(new Group(""), "", true);
  #last = this.#exempt;

  constructor(seatsMax: number, waitingMax: number) {
    this.#seatsMax = seatsMax;
    this.#waitingMax = waitingMax;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** HOT. The share of a member; without a group it is not limited. */
  shareOf(group: string | undefined, member: string): Share {
    if (group === undefined) return this.#exempt;
    const last = this.#last;
    if (last.member === member && last.group.id === group) return last;
    const share = this.#groups.get(group)?.members.get(member) ?? this.#newShare(group, member);
    this.#last = share;
    return share;
  }

  /** HOT. Whether one more seat may be taken. */
  mayTake(share: Share): boolean {
    const free = this.#seatsMax - this.#held;
    return free > 0 && (share.isExempt || isWithin(free, share.group.held, share.held));
  }

  /** HOT. */
  take(seatable: T): void {
    const { share } = seatable;
    seatable.seat = SEATED;
    share.isStalled = false;
    share.held++;
    share.group.held++;
    this.#held++;
  }

  /** HOT. Gives back a seat or a place in line. */
  giveBack(seatable: T): void {
    const { seat, share } = seatable;
    seatable.seat = UNSEATED;
    if (seat === SEATED) {
      share.held--;
      share.group.held--;
      this.#held--;
    } else if (seat === WAITING) {
      this.#left(share);
    }
  }

  /** Whether one more may stand in line. */
  mayWait(share: Share): boolean {
    const free = this.#waitingMax - this.#waiting;
    if (free <= 0) return false;
    return share.isExempt || (!share.isStalled && isWithin(free, share.group.waiting, share.waiting));
  }

  wait(seatable: T, deadline: number): void {
    const { share } = seatable;
    const { group } = share;
    seatable.seat = WAITING;
    seatable.waitDeadline = deadline;
    if (group.waiting++ === 0) this.#ring.push(group);
    if (share.waiting++ === 0) group.ring.push(share);
    share.line.push(seatable);
    this.#waiting++;
  }

  /** Takes the next that may have a seat out of line: group by group, member by member, in the order of arrival. */
  next(): T | null {
    const ring = this.#ring;
    for (let i = 0; i < ring.length; i++) {
      const group = ring[(this.#next + i) % ring.length]!;
      for (let j = 0; j < group.ring.length; j++) {
        const share = group.ring[(group.next + j) % group.ring.length]!;
        if (!this.mayTake(share)) continue;
        this.#next = (this.#next + i + 1) % ring.length;
        group.next = (group.next + j + 1) % group.ring.length;
        return this.#first(share);
      }
    }
    return null;
  }

  /** Takes everybody whose time in line is over out of it; Infinity: everybody. */
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

  /** Forgets members that hold nothing and wait for nothing. */
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
    share.lineHead++;
    first.seat = UNSEATED;
    this.#left(share);
    return first;
  }

  /** One of the line is gone: who left it before its turn stays in `line` and is skipped. */
  #left(share: Share): void {
    const { group } = share;
    this.#waiting--;
    if (--share.waiting === 0) {
      share.line = [];
      share.lineHead = 0;
      group.ring.splice(group.ring.indexOf(share), 1);
    } else if (share.lineHead > LINE_SLACK && share.lineHead * 2 > share.line.length) {
      share.line = share.line.slice(share.lineHead);
      share.lineHead = 0;
    }
    if (--group.waiting === 0) this.#ring.splice(this.#ring.indexOf(group), 1);
  }
}

const NONE: readonly never[] = [];

/** Somebody waits. */
function firstOf(share: Share): Seatable {
  while (share.line[share.lineHead]!.seat !== WAITING) share.lineHead++;
  return share.line[share.lineHead]!;
}

function isWithin(free: number, ofGroup: number, ofMember: number): boolean {
  return ofMember < GROUP_RATIO * free - ofGroup;
}
