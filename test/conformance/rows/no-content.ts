// Responses that have no body by their nature, interim responses, and bodies that end with their connection.
import {
  AUTH,
  fromUpstream,
  get,
  head,
  own,
  postHello,
  response,
  rowsOf,
  seen,
  seenGet,
  seenHello,
} from "../support/build.js";
import type { Forwarded, Outcome, Response } from "../support/row.js";

const { letter } = rowsOf("no-content");

const framingHeaders = ["content-length", "transfer-encoding"];
const MARKED = "HTTP/1.1 200 OK\r\nContent-Length: {{markerLength}}\r\n\r\n{{marker}}";

function responded(one: Response, fate: Outcome["fate"] = "kept", request: Forwarded = seenGet): Outcome {
  return { responses: [one], fate, upstream: [request], incomplete: null };
}

const seenHead = seen("HEAD", "/t");

export const noContent = [
  letter({
    name: "response-204",
    clause: "RFC 9110 §8.6, RFC 9112 §6.1",
    why: "a 204 must not have Content-Length or Transfer-Encoding",
    send: get(),
    accept: responded(response(204, "none", { forbiddenHeaders: framingHeaders })),
    replies: [{ bytes: "HTTP/1.1 204 No Content\r\n\r\n" }],
  }),
  letter({
    name: "response-204-to-post",
    clause: "RFC 9110 §8.6, RFC 9112 §6.1",
    why: "nor when the request had a body",
    send: postHello(),
    accept: responded(response(204, "none", { forbiddenHeaders: framingHeaders }), "kept", seenHello),
    replies: [{ bytes: "HTTP/1.1 204 No Content\r\n\r\n" }],
  }),
  letter({
    name: "response-304-with-length",
    clause: "RFC 9110 §15.4.5, RFC 9112 §6.3",
    why: "the Content-Length of a 304 is not of its own body, which it has not",
    send: get('If-None-Match: "x"'),
    accept: responded(response(304, "none"), "kept", { ...seenGet, optional: ["if-none-match"] }),
    replies: [{ bytes: 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 1000\r\n\r\n' }],
    visibleToHandler: true,
  }),
  letter({
    name: "response-304-plain",
    clause: "RFC 9112 §6.3",
    why: "nor without one",
    send: get(),
    accept: responded(response(304, "none")),
    replies: [{ bytes: "HTTP/1.1 304 Not Modified\r\n\r\n" }],
    visibleToHandler: true,
  }),
  letter({
    name: "response-205",
    clause: "RFC 9110 §15.3.6",
    why: "a 205 has no body, but it is framed",
    send: get(),
    accept: responded(response(205, "none")),
    replies: [{ bytes: "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n" }],
    visibleToHandler: true,
  }),
  letter({
    name: "response-200-empty",
    clause: "RFC 9112 §6.3",
    why: "a length of zero",
    send: get(),
    accept: responded(response(200, "none")),
    replies: [{ bytes: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" }],
    visibleToHandler: true,
  }),
  letter({
    name: "response-200-empty-chunked",
    clause: "RFC 9112 §7.1",
    why: "only the last chunk",
    send: get(),
    accept: responded(response(200, "none")),
    replies: [{ bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" }],
    visibleToHandler: true,
  }),
  letter({
    name: "response-chunked",
    clause: "RFC 9112 §7.1",
    why: "chunks, an extension and a trailer arrive as one body",
    send: get(),
    accept: responded(response(200, { text: "helloworld" })),
    replies: [
      {
        bytes: [
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
          "5;a=b\r\nworld\r\n0\r\nCx-T: v\r\n\r\n",
        ],
      },
    ],
    visibleToHandler: true,
  }),
  letter({
    name: "response-to-close",
    clause: "RFC 9112 §6.3",
    why: "a body that ends with the upstream's connection is passed on whole",
    send: get(),
    accept: [
      responded(response(200, { text: "hello" })),
      responded(response(200, { text: "hello" }), "closed"),
    ],
    replies: [{ bytes: "HTTP/1.1 200 OK\r\n\r\nhello", after: "close" }],
    visibleToHandler: true,
  }),
  letter({
    name: "response-http-1-0",
    clause: "RFC 9110 §2.5, RFC 9112 §2.3",
    why: "the response of an HTTP/1.0 upstream becomes HTTP/1.1",
    send: get(),
    accept: [
      responded(response(200, { text: "hello" })),
      responded(response(200, { text: "hello" }), "closed"),
    ],
    replies: [{ bytes: "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", after: "close" }],
    visibleToHandler: true,
  }),
  letter({
    name: "response-chunked-to-http-1-0",
    clause: "RFC 9112 §6.1, §7.1",
    why: "an HTTP/1.0 client must not get a transfer coding",
    send: `GET /t HTTP/1.0\r\nHost: a.example\r\n${AUTH}\r\n\r\n`,
    accept: responded(
      response(200, { text: "hello" }, { forbiddenHeaders: ["transfer-encoding"] }),
      "closed",
    ),
    replies: [{ bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" }],
  }),
  letter({
    name: "response-103-first",
    clause: "RFC 9110 §15.2, RFC 8297",
    why: "an interim response is passed on or dropped, never taken for the final one",
    send: get(),
    accept: responded(fromUpstream({ interimsAllowed: [103] })),
    replies: [{ bytes: `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${MARKED}` }],
    visibleToHandler: true,
  }),
  letter({
    name: "response-100-unasked",
    clause: "RFC 9110 §15.2",
    why: "a 100 that nobody asked for is no response either",
    send: get(),
    accept: responded(fromUpstream({ interimsAllowed: [100] })),
    replies: [{ bytes: `HTTP/1.1 100 Continue\r\n\r\n${MARKED}` }],
    visibleToHandler: true,
  }),
  letter({
    name: "head-with-length",
    clause: "RFC 9110 §9.3.2, RFC 9112 §6.3",
    why: "the Content-Length of a response to HEAD announces nothing",
    send: head("HEAD /t"),
    accept: responded(response(200, "none"), "kept", seenHead),
    replies: [{ bytes: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" }],
    headResponses: [0],
    visibleToHandler: true,
  }),
  letter({
    name: "head-chunked",
    clause: "RFC 9110 §9.3.2, RFC 9112 §6.3",
    why: "nor does its Transfer-Encoding",
    send: head("HEAD /t"),
    accept: responded(response(200, "none"), "kept", seenHead),
    replies: [{ bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" }],
    headResponses: [0],
    visibleToHandler: true,
  }),
  letter({
    name: "head-404",
    clause: "RFC 9110 §9.3.2",
    why: "nor when the response is an error",
    send: head("HEAD /t"),
    accept: responded(response(404, "none"), "kept", seenHead),
    replies: [{ bytes: "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nhello" }],
    headResponses: [0],
    visibleToHandler: true,
  }),
  letter({
    name: "head-204",
    clause: "RFC 9110 §9.3.2, §8.6",
    why: "nor when it is a 204",
    send: head("HEAD /t"),
    accept: responded(response(204, "none", { forbiddenHeaders: framingHeaders }), "kept", seenHead),
    replies: [{ bytes: "HTTP/1.1 204 No Content\r\n\r\n" }],
    headResponses: [0],
  }),
  letter({
    name: "head-refused",
    clause: "RFC 9110 §9.3.2",
    why: "the gateway's own refusal of a HEAD has no body",
    send: "HEAD /t HTTP/1.1\r\nHost: a.example\r\n\r\n",
    accept: {
      responses: [own([401, 403, 404], { body: "none" })],
      fate: "kept",
      upstream: [],
      incomplete: null,
    },
    headResponses: [0],
    visibleToHandler: true,
  }),
];
