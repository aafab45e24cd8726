// Expect: a client that waits gets 100 Continue exactly once, after the gateway knows that it wants the body.
import {
  AUTH,
  chunked,
  fromUpstream,
  get,
  own,
  passed,
  post,
  postHello,
  refused,
  rowsOf,
  SMUGGLED,
  seenGet,
  seenHello,
  until,
} from "../support/build.js";
import type { Outcome } from "../support/row.js";

const { letter, policy } = rowsOf("expect");

/** A gateway may respond to the expectation itself or pass it on. */
const expecting = { ...seenHello, optional: ["expect"] };
const expectingGet = { ...seenGet, optional: ["expect"] };

const invited: Outcome = {
  responses: [fromUpstream({ interims: [100] })],
  fate: "kept",
  upstream: [expecting],
  incomplete: null,
};
/** The body came by itself, so the invitation may be left out. */
const invitedOrNot: Outcome = {
  responses: [fromUpstream({ interimsAllowed: [100] })],
  fate: "kept",
  upstream: [expecting],
  incomplete: null,
};

const goOn = until({ interims: 1 }, { responses: 1 });

export const expect = [
  letter({
    name: "expect-100-waits",
    clause: "RFC 9110 §10.1.1",
    why: "the client sends its body only after 100",
    send: [post("Content-Length: 5", "Expect: 100-continue"), goOn, "hello"],
    accept: invited,
    visibleToHandler: true,
  }),
  letter({
    name: "expect-100-case",
    clause: "RFC 9110 §10.1.1",
    why: "expectations have no case",
    send: [post("Content-Length: 5", "Expect: 100-CONTINUE"), goOn, "hello"],
    accept: invited,
  }),
  letter({
    name: "expect-100-chunked",
    clause: "RFC 9110 §10.1.1",
    why: "also before a chunked body",
    send: [post("Transfer-Encoding: chunked", "Expect: 100-continue"), goOn, "5\r\nhello\r\n0\r\n\r\n"],
    accept: invited,
    visibleToHandler: true,
  }),
  letter({
    name: "expect-100-body-at-once",
    clause: "RFC 9110 §10.1.1",
    why: "a client need not wait",
    send: postHello("Expect: 100-continue"),
    accept: invitedOrNot,
    visibleToHandler: true,
  }),
  letter({
    name: "expect-100-no-body",
    clause: "RFC 9110 §10.1.1",
    why: "without a body there is nothing to invite",
    send: get("Expect: 100-continue"),
    accept: [
      passed(expectingGet),
      {
        responses: [fromUpstream({ interimsAllowed: [100] })],
        fate: "kept",
        upstream: [expectingGet],
        incomplete: null,
      },
    ],
    visibleToHandler: true,
  }),
  letter({
    name: "expect-100-http-1-0",
    clause: "RFC 9110 §10.1.1",
    why: "an HTTP/1.0 client knows no 100: it must not get one",
    send: `POST /t HTTP/1.0\r\nHost: a.example\r\n${AUTH}\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello`,
    accept: passed(expecting, "closed"),
  }),
  letter({
    name: "expect-100-then-garbage",
    clause: "RFC 9110 §10.1.1, RFC 9112 §6.3",
    why: "the invited body has its length and no more",
    send: [post("Content-Length: 5", "Expect: 100-continue"), goOn, "hello\x00\x00\r\n\r\n"],
    accept: {
      responses: [fromUpstream({ interims: [100] }), own(400)],
      fate: "closed",
      upstream: [expecting],
      incomplete: null,
    },
  }),
  policy({
    name: "expect-100-unknown-key",
    clause: "RFC 9110 §10.1.1",
    why: "a request that is refused anyway is refused instead of invited",
    send: [
      "POST /t HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
      goOn,
      { halfClose: true },
    ],
    accept: { responses: [own([401, 403, 404])], fate: "any", upstream: [], incomplete: null },
    visibleToHandler: false,
  }),
  letter({
    name: "expect-100-refused-then-request",
    clause: "RFC 9110 §10.1.1, RFC 9112 §9.3",
    why: "after a refusal the body may come or not: who cannot tell must close, not guess",
    send: [
      `POST /t HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${SMUGGLED.length}\r\nExpect: 100-continue\r\n\r\n`,
      goOn,
      SMUGGLED,
    ],
    accept: [
      { responses: [own([401, 403, 404])], fate: "closed", upstream: [], incomplete: null },
      {
        responses: [own([401, 403, 404], { interimsAllowed: [100] })],
        fate: "any",
        upstream: [],
        incomplete: null,
      },
    ],
    visibleToHandler: true,
  }),
  policy({
    name: "expect-other",
    clause: "RFC 9110 §10.1.1",
    why: "an expectation that is not known may be refused with 417",
    send: postHello("Expect: 200-maybe"),
    accept: refused(417, "any"),
    visibleToHandler: true,
  }),
  policy({
    name: "expect-list",
    clause: "RFC 9110 §10.1.1",
    why: "100-continue and another: the other is not met",
    send: postHello("Expect: 100-continue, other=1"),
    accept: refused(417, "any"),
    visibleToHandler: true,
  }),
  policy({
    name: "expect-twice",
    clause: "RFC 9110 §10.1.1, §5.3",
    why: "100-continue twice is invited once",
    send: [post("Content-Length: 5", "Expect: 100-continue", "Expect: 100-continue"), goOn, "hello"],
    accept: [invited, refused([417, 400], "any")],
  }),
  letter({
    name: "expect-chunked-at-once",
    clause: "RFC 9110 §10.1.1",
    why: "a chunked body that does not wait",
    send: chunked("5\r\nhello\r\n0\r\n\r\n", "Expect: 100-continue"),
    accept: invitedOrNot,
    visibleToHandler: true,
  }),
];
