// Responses that come before the request is complete. The rest of the body is body, or the connection ends: it is
// never a request.
import {
  chunked,
  fromUpstream,
  head,
  own,
  post,
  rowsOf,
  SMUGGLED,
  seen,
  untilOrSoon,
} from "../support/build.js";
import type { Outcome, Reply } from "../support/row.js";

const { letter, policy } = rowsOf("early-responses");

const onHead: Reply = {
  on: "head",
  bytes: "HTTP/1.1 200 OK\r\nContent-Length: {{markerLength}}\r\n\r\n{{marker}}",
};
const REST = `${"x".repeat(10)}${SMUGGLED}`;

/** The upstream responds; then the connection ends or the whole body is taken. */
function early(body: string, response = fromUpstream()): readonly Outcome[] {
  return [
    // The rest of a short body is dropped, and the upstream's connection given up.
    { responses: [response], fate: "kept", upstream: [], incomplete: body },
    { responses: [response], fate: "closed", upstream: [], incomplete: body },
    { responses: [response], fate: "any", upstream: [seen("POST", "/t", body)], incomplete: null },
  ];
}

/** The rest of a body without a length is not worth the connection. */
function earlyOfUnknownLength(body: string): readonly Outcome[] {
  const [kept, closed, whole] = early(body) as [Outcome, Outcome, Outcome];
  return [closed, kept, whole];
}

const denied = [401, 403, 404];

export const earlyResponses = [
  letter({
    name: "early-200-then-rest",
    clause: "RFC 9112 §9.3, §9.6",
    why: "the upstream responds at once; the client still sends a body that holds a request",
    send: [post(`Content-Length: ${REST.length}`), untilOrSoon({ responses: 1 }), REST],
    accept: early(REST),
    replies: [onHead],
    visibleToHandler: true,
  }),
  letter({
    name: "early-200-within-body",
    clause: "RFC 9112 §9.3, §9.6",
    why: "the same after a piece of the body",
    send: [`${post(`Content-Length: ${REST.length}`)}x`, untilOrSoon({ responses: 1 }), REST.slice(1)],
    accept: early(REST),
    replies: [{ ...onHead, on: { bodyBytes: 1 } }],
    visibleToHandler: true,
  }),
  letter({
    name: "early-200-chunked",
    clause: "RFC 9112 §7.1, §9.6",
    why: "the same within a chunked body, whose rest holds a request",
    send: [
      chunked("1\r\nx\r\n"),
      untilOrSoon({ responses: 1 }),
      `${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`,
    ],
    accept: earlyOfUnknownLength(`x${SMUGGLED}`),
    replies: [{ ...onHead, on: { bodyBytes: 1 } }],
  }),
  letter({
    name: "early-413-and-close",
    clause: "RFC 9110 §15.5.14",
    why: "the upstream refuses and closes during the upload; the client must get its response",
    send: [`${post(`Content-Length: ${REST.length}`)}x`, untilOrSoon({ responses: 1 }), REST.slice(1)],
    accept: early(REST, { ...fromUpstream(), status: [413], body: { text: "no" } }),
    replies: [
      {
        on: { bodyBytes: 1 },
        bytes: "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno",
        after: "close",
      },
    ],
    visibleToHandler: true,
  }),
  letter({
    name: "early-reset-during-upload",
    clause: "RFC 9110 §15.6.3",
    why: "the upstream resets during the upload: 502, and the rest of the body is no request",
    send: [`${post(`Content-Length: ${REST.length}`)}x`, untilOrSoon({ responses: 1 }), REST.slice(1)],
    accept: [
      { responses: [own([502, 503])], fate: "any", upstream: [], incomplete: REST },
      // A short body may be collected first, and then it is whole when the reset comes.
      { responses: [own([502, 503])], fate: "any", upstream: [seen("POST", "/t", REST)], incomplete: null },
      { responses: [], fate: "closed", upstream: [], incomplete: REST },
    ],
    replies: [{ on: { bodyBytes: 1 }, bytes: "", after: "reset" }],
    visibleToHandler: true,
  }),
  letter({
    name: "refused-key-body-to-come",
    clause: "RFC 9112 §9.3",
    why: "the gateway refuses before the body has come; the body holds a request",
    send: [
      `POST /t HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n`,
      untilOrSoon({ responses: 1 }),
      SMUGGLED,
    ],
    accept: { responses: [own(denied)], fate: "any", upstream: [], incomplete: null },
    visibleToHandler: true,
  }),
  letter({
    name: "refused-key-body-there",
    clause: "RFC 9112 §9.3",
    why: "the same when the body has come already",
    send: `POST /t HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`,
    accept: { responses: [own(denied)], fate: "any", upstream: [], incomplete: null },
    visibleToHandler: true,
  }),
  letter({
    name: "refused-key-chunked",
    clause: "RFC 9112 §9.3, §7.1",
    why: "the same with a chunked body",
    send: `POST /t HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`,
    accept: { responses: [own(denied)], fate: "any", upstream: [], incomplete: null },
    visibleToHandler: true,
  }),
  letter({
    name: "refused-key-bad-chunks",
    clause: "RFC 9112 §9.3, §7.1",
    why: "a body that is thrown away must still be framed: its rest is no request",
    send: `POST /t HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n${SMUGGLED}`,
    accept: [
      { responses: [own([...denied, 400])], fate: "closed", upstream: [], incomplete: null },
      { responses: [own(denied), own(400)], fate: "closed", upstream: [], incomplete: null },
    ],
    visibleToHandler: true,
  }),
  policy({
    name: "refused-key-large-body",
    clause: "RFC 9112 §9.6",
    why: "a client that sends a megabyte without looking must still be able to read its refusal",
    send: `POST /t HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1048576\r\n\r\n${"x".repeat(1_048_576)}`,
    accept: { responses: [own([...denied, 413])], fate: "any", upstream: [], incomplete: null },
    visibleToHandler: true,
  }),
  letter({
    name: "early-response-then-next",
    clause: "RFC 9112 §9.3.2",
    why: "an early response, the whole body, and a next request behind it",
    send: [post("Content-Length: 5"), untilOrSoon({ responses: 1 }), `hello${head("GET /t", "Cx-Id: b")}`],
    accept: [
      {
        responses: [
          { ...fromUpstream(), body: { text: "upstream:1" } },
          { ...fromUpstream(), body: { text: "upstream:b" } },
        ],
        fate: "kept",
        upstream: [seen("GET", "/t", "", [["cx-id", "b"]])],
        incomplete: "hello",
      },
      {
        responses: [fromUpstream(), { ...fromUpstream(), body: { text: "upstream:b" } }],
        fate: "kept",
        upstream: [seen("POST", "/t", "hello"), seen("GET", "/t", "", [["cx-id", "b"]])],
        incomplete: null,
      },
      ...early("hello"),
    ],
    replies: [onHead],
  }),
];
