// Pipelining: every response, in order, and nothing behind a broken or last request is read.
import {
  AUTH,
  fromUpstream,
  get,
  own,
  passed,
  post,
  refused,
  rowsOf,
  SMUGGLED,
  seen,
  seenHello,
  until,
} from "../support/build.js";
import type { Forwarded, Outcome } from "../support/row.js";

const { letter, policy } = rowsOf("pipelining");

function numbered(id: string): string {
  return get(`Cx-Id: ${id}`);
}

function seenNumbered(id: string): Forwarded {
  return seen("GET", "/t", "", [["cx-id", id]]);
}

function numberedPost(id: string, body: string): string {
  return `${post(`Cx-Id: ${id}`, `Content-Length: ${body.length}`)}${body}`;
}

function seenPost(id: string, body: string): Forwarded {
  return seen("POST", "/t", body, [["cx-id", id]]);
}

const ten = Array.from({ length: 10 }, (_, index) => `n${index}`);

export const pipelining = [
  letter({
    name: "pipeline-two",
    clause: "RFC 9112 §9.3.2",
    why: "two requests in one write, two responses in order",
    send: numbered("a") + numbered("b"),
    accept: passed([seenNumbered("a"), seenNumbered("b")]),
  }),
  letter({
    name: "pipeline-ten",
    clause: "RFC 9112 §9.3.2",
    why: "ten at once",
    send: ten.map(numbered).join(""),
    accept: passed(ten.map(seenNumbered)),
  }),
  letter({
    name: "pipeline-while-pending",
    clause: "RFC 9112 §9.3.2",
    why: "a second request comes while the first waits for its upstream",
    send: [numbered("a"), until({ upstreamHeads: 1 }), numbered("b"), { release: true }],
    accept: passed([seenNumbered("a"), seenNumbered("b")]),
    replies: [
      { on: "released", bytes: "HTTP/1.1 200 OK\r\nContent-Length: {{markerLength}}\r\n\r\n{{marker}}" },
    ],
  }),
  letter({
    name: "pipeline-posts",
    clause: "RFC 9112 §9.3.2, §6.3",
    why: "bodies stay with their requests",
    send: numberedPost("a", "first") + numberedPost("b", "second!") + numberedPost("c", ""),
    accept: passed([seenPost("a", "first"), seenPost("b", "second!"), seenPost("c", "")]),
  }),
  letter({
    name: "pipeline-chunked-posts",
    clause: "RFC 9112 §9.3.2, §7.1",
    why: "also chunked ones",
    send: ["a", "b"]
      .map((id) => `${post(`Cx-Id: ${id}`, "Transfer-Encoding: chunked")}5\r\nhello\r\n0\r\n\r\n`)
      .join(""),
    accept: passed([seenPost("a", "hello"), seenPost("b", "hello")]),
  }),
  letter({
    name: "pipeline-split-anywhere",
    clause: "RFC 9112 §9.3.2",
    why: "a segment ends within the second head",
    send: [
      `${numberedPost("a", "hello")}GET /t HT`,
      `TP/1.1\r\nHost: a.example\r\n${AUTH}\r\nCx-Id: b\r\n\r\n`,
    ],
    accept: passed([seenPost("a", "hello"), seenNumbered("b")]),
  }),
  letter({
    name: "pipeline-bad-second",
    clause: "RFC 9112 §9.3.2",
    why: "the first gets its response, the broken second refused, the third not read",
    send: `${numbered("a")}GET /t HTTP/1.1\r\nHost: a.example\r\nBad Name: 1\r\n\r\n${SMUGGLED}`,
    accept: {
      responses: [fromUpstream(), own(400)],
      fate: "closed",
      upstream: [seenNumbered("a")],
      incomplete: null,
    },
  }),
  letter({
    name: "pipeline-bad-framing-second",
    clause: "RFC 9112 §6.3",
    why: "the same when it is the framing that is broken",
    send: `${numbered("a")}${post("Content-Length: 1", "Content-Length: 2")}${SMUGGLED}`,
    accept: {
      responses: [fromUpstream(), own(400)],
      fate: "closed",
      upstream: [seenNumbered("a")],
      incomplete: null,
    },
  }),
  letter({
    name: "pipeline-behind-bad",
    clause: "RFC 9112 §6.3",
    why: "nothing behind a refused request is read",
    send: `${post("Content-Length: 1", "Content-Length: 2")}x${numbered("a")}${numbered("b")}`,
    accept: refused(400),
    visibleToHandler: true,
  }),
  policy({
    name: "pipeline-empty-line-between",
    clause: "RFC 9112 §2.2",
    why: "an old client sends CRLF after its body; it should be ignored",
    send: `${numberedPost("a", "hello")}\r\n${numbered("b")}`,
    accept: passed([seenPost("a", "hello"), seenNumbered("b")]),
  }),
  letter({
    name: "pipeline-head-then-get",
    clause: "RFC 9112 §6.3, §9.3.2",
    why: "the response to HEAD has no body, so the next response is not taken for it",
    send: get("Cx-Id: a").replace("GET", "HEAD") + numbered("b"),
    accept: {
      responses: [
        { ...fromUpstream(), body: "none" },
        { ...fromUpstream(), body: { text: "upstream:b" } },
      ],
      fate: "kept",
      upstream: [{ ...seenNumbered("a"), method: "HEAD" }, seenNumbered("b")],
      incomplete: null,
    },
    headResponses: [0],
  }),
  letter({
    name: "pipeline-refused-key-between",
    clause: "RFC 9112 §9.3.2",
    why: "a refusal is a response in its place; its neighbours are served or the connection ends",
    send: `${numbered("a")}GET /t HTTP/1.1\r\nHost: a.example\r\n\r\n${numbered("c")}`,
    accept: [
      {
        responses: [fromUpstream(), own([401, 403, 404]), fromUpstream()],
        fate: "kept",
        upstream: [seenNumbered("a"), seenNumbered("c")],
        incomplete: null,
      },
      {
        responses: [fromUpstream(), own([401, 403, 404])],
        fate: "closed",
        upstream: [seenNumbered("a")],
        incomplete: null,
      },
    ] satisfies Outcome[],
  }),
  letter({
    name: "pipeline-expect-then-get",
    clause: "RFC 9110 §10.1.1, RFC 9112 §9.3.2",
    why: "a request with Expect whose body is already there, and one behind it",
    send: `${post("Content-Length: 5", "Expect: 100-continue")}hello${numbered("b")}`,
    accept: {
      responses: [
        fromUpstream({ interimsAllowed: [100] }),
        { ...fromUpstream(), body: { text: "upstream:b" } },
      ],
      fate: "kept",
      upstream: [{ ...seenHello, optional: ["expect"] }, seenNumbered("b")],
      incomplete: null,
    },
  }),
];
