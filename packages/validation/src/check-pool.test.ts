/** The pool's threads are those of the built package: a change of check-thread.ts needs a build to be seen here. */
import { CheckPool, type OperationChecker, OperationCheckers, type RequestHead } from "@latchkey/validation";
import { expect, it } from "vitest";

const head: RequestHead = {
  method: "POST",
  contentType: "application/json",
  contentEncoding: null,
  query: "",
  path: [],
  headers: [],
  hasBody: true,
};
const always = () => true;
const checkers = new OperationCheckers();
const checkerOf = (schema: unknown): OperationChecker =>
  checkers.of({ requestBody: { required: true, content: { "application/json": { schema } } } });
const small = checkerOf({ type: "object", properties: { amount: { maximum: 100 } } });
/** As many properties as take longer than others can wait to compile. */
const large = (mark: string) =>
  checkerOf({
    title: mark,
    type: "object",
    properties: Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [`p${i}`, { type: "string", maxLength: i }]),
    ),
  });
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

function inlineOf(checker: OperationChecker) {
  const { inline } = checker;
  if (inline === "unusable") throw new Error("unusable");
  return inline.request;
}

it("leaves to the pool what would hold up others, and decides the rest at once", () => {
  const inline = inlineOf(small);
  expect(inline.checkBody(head, bytes({ amount: 1 }))).toBeNull();
  expect(inline.checkBody(head, bytes({ amount: 101 }))).toMatchObject({ code: "request.schema_mismatch" });
  expect(inline.checkBody(head, Buffer.alloc(20_000, " "))).toBe("later");
  expect(inlineOf(large("inline")).checkBody(head, bytes({}))).toBe("later");
  for (const [pattern, text] of [
    ["^[a-z]+$", "a".repeat(15_000)],
    ["a[ab]{100}c", `c${"ab".repeat(5_000)}`],
  ]) {
    const checker = checkerOf({ type: "string", pattern });
    expect([pattern, inlineOf(checker).checkBody(head, bytes(text))]).toEqual([pattern, "later"]);
    expect([pattern, inlineOf(checker).checkBody(head, bytes("abc"))]).not.toEqual([pattern, "later"]);
  }
  // Of parameters as well, and a large one does not keep a small one from being compiled.
  const url = checkers.of({
    parameters: [{ in: "query", name: "q", schema: { type: "string", pattern: "^[a-z]+$" } }],
  });
  expect(inlineOf(url).checkHead({ ...head, query: "q=abc" })).toBeNull();
  expect(inlineOf(url).checkHead({ ...head, query: `q=${"a".repeat(8_000)}` })).toBe("later");
});

it("says what the inline check would say", async () => {
  const pool = new CheckPool({ threadsMax: 1, checkMsMax: 60_000 });
  const check = (checker: OperationChecker, body: Buffer | null, more: Partial<RequestHead> = {}) =>
    pool.check("api_1", "key_1", checker, { ...head, ...more }, body, always);
  expect(await check(small, bytes({ amount: 1 }))).toBeNull();
  expect(await check(small, bytes({ amount: 101 }))).toMatchObject({
    code: "request.schema_mismatch",
    errors: [{ in: "body", pointer: "/amount" }],
  });
  expect(await check(small, Buffer.from('{"amount":101,"amount":1}'))).toMatchObject({
    code: "request.body_malformed",
    errors: [{ in: "body", pointer: "/amount" }],
  });
  expect(await check(large("verdicts"), bytes({ p5: "123456" }))).toMatchObject({
    errors: [{ in: "body", pointer: "/p5" }],
  });
  expect(await check(large("verdicts"), bytes({ p6: "123456" }))).toBeNull();
  const url = checkers.of({
    parameters: [{ in: "query", name: "q", required: true, schema: { type: "integer" } }],
  });
  expect(await check(url, null, { query: "q=x" })).toMatchObject({
    errors: [{ in: "query", pointer: "/q" }],
  });
  // Too much even for a thread.
  const pattern = checkerOf({ type: "string", pattern: "^[a-z]+$" });
  expect(await check(pattern, bytes("a".repeat(4_000_000)))).toMatchObject({
    code: "request.schema_mismatch",
    errors: [{ detail: "It would take too long to check this." }],
  });
  expect(pool.threads).toBe(1);
  await pool.close();
  expect(pool.threads).toBe(0);
});

it("lets APIs and their keys take turns, and bounds what one has waiting", async () => {
  const pool = new CheckPool({ threadsMax: 1, waitingPerLaneMax: 8 });
  const order: string[] = [];
  const check = (api: string, key: string) =>
    pool.check(api, key, small, head, bytes({ amount: 1 }), always).then((verdict) => {
      order.push(`${api} ${key} ${verdict}`);
    });
  const many = Array.from({ length: 10 }, () => check("busy", "greedy"));
  await Promise.all([...many, check("busy", "modest"), check("other", "key"), check("third", "key")]);
  // One runs and six wait; three are refused at once. The others come after at most one check of the busy API.
  expect(order.slice(0, 3)).toEqual(Array(3).fill("busy greedy overloaded"));
  expect(order.slice(3, 8)).toEqual([
    "busy greedy null",
    "busy greedy null",
    "other key null",
    "third key null",
    "busy modest null",
  ]);
  expect(order).toHaveLength(13);
  await pool.close();
});

it("ends a thread that does not come back in time, and lets its schemas rest", async () => {
  const pool = new CheckPool({ threadsMax: 1, checkMsMax: 1 });
  const stuck = large("stuck");
  // Both get their verdict, the second by another thread.
  const verdicts = [stuck, large("stuck too")].map((checker) =>
    pool.check("api_1", "key_1", checker, head, bytes({}), always),
  );
  expect(await Promise.all(verdicts)).toEqual(["unusable", "unusable"]);
  expect(stuck.inline).toBe("unusable");
  await pool.close();
});

it("does not check for a client that has left", async () => {
  const pool = new CheckPool({ threadsMax: 1 });
  const first = pool.check("api_1", "key_1", small, head, bytes({ amount: 1 }), always);
  const left = pool.check("api_1", "key_1", small, head, bytes({ amount: 1 }), () => false);
  expect(await Promise.all([first, left])).toEqual([null, "overloaded"]);
  await pool.close();
});
