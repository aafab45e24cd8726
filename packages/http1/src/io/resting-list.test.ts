import { expect, it } from "vitest";
import { RestingList } from "./resting-list.js";

class Member {
  place = -1;
}

/** Places of those who do not rest, as a tick meets them. */
function awake(list: RestingList<Member>, tick: number): Member[] {
  const met: Member[] = [];
  for (let at = list.awakeBelow(list.size, tick); at >= 0; at = list.awakeBelow(at, tick))
    met.push(list.at(at)!);
  return met;
}

it("meets those who do not rest, until their tick", () => {
  const list = new RestingList<Member>();
  const members = Array.from({ length: 5 }, () => new Member());
  for (const member of members) list.add(member);
  list.restUntil(members[1]!, 10);
  list.restUntil(members[3]!, 12);
  expect(awake(list, 9)).toEqual([4, 2, 0].map((i) => members[i]));
  expect(awake(list, 10)).toEqual([4, 2, 1, 0].map((i) => members[i]));
  list.restUntil(members[3]!, 0);
  expect(awake(list, 1)).toEqual([4, 3, 2, 0].map((i) => members[i]));
});

it("moves a member's rest with it, and forgets that of one that left", () => {
  const list = new RestingList<Member>();
  const members = Array.from({ length: 4 }, () => new Member());
  for (const member of members) list.add(member);
  list.restUntil(members[3]!, 10);
  list.restUntil(members[0]!, 10);
  list.delete(members[0]!); // the last takes its place
  expect(awake(list, 5)).toEqual([members[2], members[1]]);
  list.delete(members[3]!);
  list.restUntil(members[3]!, 10); // no member any more
  const other = new Member();
  list.add(other);
  expect(new Set(awake(list, 5))).toEqual(new Set([members[1], members[2], other]));
});
