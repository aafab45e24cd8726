// Clients that take their time. Each ends within the time limit, and nothing that is not whole goes upstream.
// The listener of these rows has limits of one second, or as near as the product goes.
import {
  chunked,
  closedSilently,
  cutInBody,
  fromUpstream,
  get,
  own,
  post,
  refused,
  refusedInBody,
  rowsOf,
  seenGet,
  until,
} from "../support/build.js";
import type { Outcome } from "../support/row.js";

const { policy } = rowsOf("slow");

const timedOut: readonly Outcome[] = [refused([408, 400]), closedSilently];
const shortTimeouts = true;

export const slow = [
  policy({
    name: "slow-no-byte",
    clause: "RFC 9112 §9.5",
    why: "a connection on which nothing comes",
    send: [until({ closed: true })],
    accept: [closedSilently, refused(408), refused(400)],
    shortTimeouts,
  }),
  policy({
    name: "slow-head-stalls",
    clause: "RFC 9110 §15.5.9",
    why: "a head that stops in the middle",
    send: ["GET /t HTTP/1.1\r\nHost: a.exa", until({ responses: 1 }, { closed: true })],
    accept: timedOut,
    shortTimeouts,
  }),
  policy({
    name: "slow-head-drips",
    clause: "RFC 9110 §15.5.9",
    why: "a head that goes on and on, a byte at a time: the limit is on the whole head",
    send: ["GET /t HTTP/1.1\r\nHost: a.example\r\nCx-A: ", { drip: "v", everyMs: 100 }],
    accept: timedOut,
    shortTimeouts,
  }),
  policy({
    name: "slow-lines-drip",
    clause: "RFC 9110 §15.5.9",
    why: "the same with whole lines",
    send: ["GET /t HTTP/1.1\r\nHost: a.example\r\n", { drip: "Cx-A: v\r\n", everyMs: 100 }],
    accept: timedOut,
    shortTimeouts,
  }),
  policy({
    name: "slow-empty-lines-drip",
    clause: "RFC 9112 §2.2",
    why: "empty lines before a request do not keep a connection",
    send: ["\r\n", { drip: "\r\n", everyMs: 100 }],
    accept: timedOut,
    shortTimeouts,
  }),
  policy({
    name: "slow-body-stalls",
    clause: "RFC 9110 §15.5.9",
    why: "a body that stops in the middle",
    send: [`${post("Content-Length: 10")}hello`, until({ responses: 1 }, { closed: true })],
    accept: [refusedInBody(408, "hello"), cutInBody("hello"), refusedInBody(400, "hello")],
    shortTimeouts,
  }),
  policy({
    name: "slow-body-never-starts",
    clause: "RFC 9110 §15.5.9",
    why: "a body of which no byte comes",
    send: [post("Content-Length: 10"), until({ responses: 1 }, { closed: true })],
    accept: [refusedInBody(408), cutInBody(), refusedInBody(400)],
    shortTimeouts,
  }),
  policy({
    name: "slow-chunk-stalls",
    clause: "RFC 9110 §15.5.9",
    why: "a chunk line that stops in the middle",
    send: [chunked("5\r\nhello\r\n5"), until({ responses: 1 }, { closed: true })],
    accept: [refusedInBody(408, "hello"), cutInBody("hello"), refusedInBody(400, "hello")],
    shortTimeouts,
  }),
  policy({
    name: "slow-trailer-drips",
    clause: "RFC 9110 §15.5.9",
    why: "trailers that never end: their bytes are limited when their time is not",
    send: [chunked("5\r\nhello\r\n0\r\nCx-T: "), { drip: "v".repeat(1_000), everyMs: 100 }],
    accept: [refusedInBody([408, 400, 413, 431], "hello"), cutInBody("hello")],
    shortTimeouts,
  }),
  policy({
    name: "slow-idle",
    clause: "RFC 9112 §9.5",
    why: "a connection that is kept is not kept for ever",
    send: [get(), until({ responses: 1 }), until({ closed: true })],
    accept: { responses: [fromUpstream()], fate: "closed", upstream: [seenGet], incomplete: null },
    shortTimeouts,
  }),
  policy({
    name: "slow-second-head",
    clause: "RFC 9110 §15.5.9",
    why: "a second head that stops in the middle is no idle connection",
    send: [get(), until({ responses: 1 }), "GET /t HT", until({ responses: 2 }, { closed: true })],
    accept: [
      { responses: [fromUpstream(), own([408, 400])], fate: "closed", upstream: [seenGet], incomplete: null },
      { responses: [fromUpstream()], fate: "closed", upstream: [seenGet], incomplete: null },
    ],
    shortTimeouts,
  }),
];
