// Bounds: what any server should take, and that what is too much is refused with a status rather than a hang.
import {
  chunked,
  closedSilently,
  cutInBody,
  get,
  head,
  passed,
  post,
  refused,
  refusedInBody,
  rowsOf,
  seen,
  seenGet,
} from "../support/build.js";
import { bodyBytesMax } from "../support/target.js";

const { letter, policy } = rowsOf("limits");

const tooLarge = [431, 400];
const tooLong = [414];

export const limits = [
  policy({
    name: "line-8000",
    clause: "RFC 9112 §3",
    why: "request lines of 8000 bytes should be supported",
    send: head(`GET /t?${"q".repeat(7_900)}`),
    accept: passed(seen("GET", `/t?${"q".repeat(7_900)}`)),
  }),
  letter({
    name: "target-too-long-path",
    clause: "RFC 9112 §3",
    why: "a target that is too long is given 414",
    send: head(`GET /${"p".repeat(100_000)}`),
    accept: refused(tooLong),
  }),
  letter({
    name: "target-too-long-query",
    clause: "RFC 9112 §3",
    why: "so is a query",
    send: head(`GET /t?${"q".repeat(100_000)}`),
    accept: refused(tooLong),
  }),
  letter({
    name: "target-endless",
    clause: "RFC 9112 §3",
    why: "also when its end never comes",
    send: `GET /${"p".repeat(200_000)}`,
    accept: refused(tooLong),
  }),
  letter({
    name: "header-too-large",
    clause: "RFC 9110 §5.4",
    why: "one field that is too large gets a 4xx",
    send: get(`Cx-A: ${"v".repeat(100_000)}`),
    accept: refused(tooLarge),
  }),
  letter({
    name: "header-name-too-large",
    clause: "RFC 9110 §5.4",
    why: "so does a name",
    send: get(`Cx-${"n".repeat(100_000)}: v`),
    accept: refused(tooLarge),
  }),
  letter({
    name: "headers-too-many",
    clause: "RFC 9110 §5.4",
    why: "so do ten thousand short ones",
    send: get(...Array.from({ length: 10_000 }, (_, index) => `Cx-${index}: v`)),
    accept: refused(tooLarge),
  }),
  letter({
    name: "header-endless",
    clause: "RFC 9110 §5.4",
    why: "so does a head whose end never comes",
    send: `GET /t HTTP/1.1\r\nHost: a.example\r\n${"Cx-A: vvvvvvvvvvvvvvvv\r\n".repeat(10_000)}`,
    accept: refused(tooLarge),
  }),
  policy({
    name: "headers-fifty",
    clause: "RFC 9110 §5.4",
    why: "fifty fields are nothing unusual",
    send: get(...Array.from({ length: 50 }, (_, index) => `Cx-${index}: v`)),
    accept: passed(
      seen(
        "GET",
        "/t",
        "",
        Array.from({ length: 50 }, (_, index) => [`cx-${index}`, "v"] as const),
      ),
    ),
  }),
  policy({
    name: "headers-6-kib",
    clause: "RFC 9110 §5.4",
    why: "nor are six kilobytes of fields, such as cookies and tokens",
    send: get(...["a", "b", "c"].map((name) => `Cx-${name}: ${"v".repeat(2_000)}`)),
    accept: passed(
      seen(
        "GET",
        "/t",
        "",
        ["a", "b", "c"].map((name) => [`cx-${name}`, "v".repeat(2_000)] as const),
      ),
    ),
    visibleToHandler: true,
  }),
  letter({
    name: "leading-empty-lines-many",
    clause: "RFC 9112 §2.2",
    why: "a request behind one empty line and nothing else is served or refused",
    send: `\r\n${get()}`,
    accept: [passed(seenGet), refused(400), closedSilently],
  }),
  letter({
    name: "body-at-limit",
    clause: "RFC 9110 §15.5.14",
    why: "a body of just the size allowed",
    send: `${post(`Content-Length: ${bodyBytesMax}`)}${"b".repeat(bodyBytesMax)}`,
    accept: passed(seen("POST", "/t", "b".repeat(bodyBytesMax))),
    needs: ["body-limit"],
    visibleToHandler: true,
  }),
  policy({
    name: "body-over-limit",
    clause: "RFC 9110 §15.5.14",
    why: "one byte more: 413 by the length alone",
    send: `${post(`Content-Length: ${bodyBytesMax + 1}`)}${"b".repeat(bodyBytesMax + 1)}`,
    accept: refused(413, "any"),
    needs: ["body-limit"],
    visibleToHandler: true,
  }),
  policy({
    name: "body-announced-over-limit",
    clause: "RFC 9110 §15.5.14",
    why: "a gigabyte that is only announced is refused at once",
    send: [post("Content-Length: 1000000000"), { until: [{ responses: 1 }] }, { halfClose: true }],
    accept: refused(413, "any"),
    needs: ["body-limit"],
    visibleToHandler: true,
  }),
  policy({
    name: "body-chunked-over-limit",
    clause: "RFC 9110 §15.5.14",
    why: "a chunked body is counted as it comes",
    send: chunked(`${`1000\r\n${"b".repeat(4_096)}\r\n`.repeat(17)}0\r\n\r\n`),
    accept: [
      { ...refusedInBody(413, "b".repeat(4_096 * 17)), fate: "any" },
      { ...refusedInBody(413), fate: "any" },
      cutInBody("b".repeat(4_096 * 17)),
    ],
    needs: ["body-limit"],
    visibleToHandler: true,
  }),
  policy({
    name: "body-one-chunk-over-limit",
    clause: "RFC 9110 §15.5.14",
    why: "nor does it matter how large the chunk says it is",
    send: [chunked(`7fffffff\r\n${"b".repeat(70_000)}`), { until: [{ responses: 1 }] }, { halfClose: true }],
    accept: [refusedInBody(413, "b".repeat(70_000)), cutInBody("b".repeat(70_000))],
    needs: ["body-limit"],
  }),
];
