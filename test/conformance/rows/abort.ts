// Clients that go away at each stage. What was begun upstream is given up there too, and is never completed.
import {
  chunked,
  closedSilently,
  fromUpstream,
  get,
  post,
  refused,
  rowsOf,
  seenGet,
  until,
  untilOrSoon,
} from "../support/build.js";
import type { Outcome } from "../support/row.js";

const { letter, policy } = rowsOf("abort");

/** The client is gone: only what the upstream saw can be judged, not responses. */
function gone(upstream: Outcome["upstream"], incomplete: string | null): Outcome {
  return { responses: [], fate: "any", upstream, incomplete };
}

const lost = until({ upstreamLost: true });
const reset = { reset: true } as const;
const never = { on: "released", bytes: "" } as const;

/** A gateway may collect the beginning of a body before it asks the upstream: this is more than any collects. */
const data = "x".repeat(0x14000);
const large = { data, chunk: `14000\r\n${data}\r\n` };

export const abort = [
  letter({
    name: "abort-in-line",
    clause: "RFC 9112 §8",
    why: "half a request line is no request",
    send: ["GET /t HT", reset],
    accept: gone([], null),
    visibleToHandler: true,
  }),
  letter({
    name: "abort-in-head",
    clause: "RFC 9112 §8",
    why: "nor is half a head",
    send: [get().slice(0, -2), reset],
    accept: gone([], null),
    visibleToHandler: true,
  }),
  letter({
    name: "abort-before-body",
    clause: "RFC 9112 §8",
    why: "a body that never comes: the upstream must not take the request for whole",
    send: [post("Content-Length: 5"), untilOrSoon({ upstreamHeads: 1 }), reset, lost],
    accept: gone([], ""),
    visibleToHandler: true,
  }),
  letter({
    name: "abort-in-body",
    clause: "RFC 9112 §8",
    why: "nor a body that stops",
    send: [`${post("Content-Length: 9")}hello`, untilOrSoon({ upstreamBodyBytes: 5 }), reset, lost],
    accept: gone([], "hello"),
    visibleToHandler: true,
  }),
  letter({
    name: "abort-in-chunk",
    clause: "RFC 9112 §8",
    why: "nor one in chunks: no last chunk may be made up",
    send: [chunked(`${large.chunk}5\r\nwor`), until({ upstreamBodyBytes: 65_536 }), reset, lost],
    accept: gone([], `${large.data}wor`),
    visibleToHandler: true,
  }),
  letter({
    name: "abort-between-chunks",
    clause: "RFC 9112 §8",
    why: "also when it stops between two chunks",
    send: [chunked(large.chunk), until({ upstreamBodyBytes: 65_536 }), reset, lost],
    accept: gone([], large.data),
    visibleToHandler: true,
  }),
  policy({
    name: "abort-while-waiting",
    clause: "RFC 9110 §9.2.2",
    why: "the client leaves while the upstream works: the upstream sees the end of its connection",
    send: [get(), until({ upstreamHeads: 1 }), reset, lost],
    accept: gone([seenGet], null),
    replies: [never],
    visibleToHandler: true,
  }),
  policy({
    name: "abort-in-response",
    clause: "RFC 9112 §8",
    why: "the client leaves within the response",
    send: [get(), until({ clientBodyBytes: 5 }), reset, lost],
    accept: gone([seenGet], null),
    replies: [{ bytes: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello" }],
    visibleToHandler: true,
  }),
  policy({
    name: "half-close-after-request",
    clause: "RFC 9112 §9.6",
    why: "a client that only stops sending still wants its response",
    send: [get(), { halfClose: true }],
    accept: { responses: [fromUpstream()], fate: "closed", upstream: [seenGet], incomplete: null },
  }),
  letter({
    name: "half-close-in-head",
    clause: "RFC 9112 §8",
    why: "a head that ends with the connection is none",
    send: [get().slice(0, -4), { halfClose: true }],
    accept: [refused(400), closedSilently],
    visibleToHandler: true,
  }),
];
