// What only the gateway may say: a client cannot set it, in no spelling, and its key goes no further.
import { AUTH, get, head, KEY, own, passed, refused, rowsOf, seen, seenGet } from "../support/build.js";
import type { Outcome } from "../support/row.js";
import type { Header } from "../support/wire.js";

const { letter, policy } = rowsOf("gateway");
const needs = ["gateway"] as const;

/** Lines a client may try; none of them, and nothing of them, may reach the integration. */
const forged: readonly (readonly [name: string, lines: readonly string[], why: string])[] = [
  ["correlation-id", ["ConfigCorrelationId: evil"], "the integration's id is the gateway's to say"],
  [
    "correlation-id-twice",
    ["ConfigCorrelationId: evil", "CONFIGCORRELATIONID: evil"],
    "in any case, any number of times",
  ],
  ["path-parameter", ["Cx-Path-Rest: evil", "cx-path-other: evil"], "path parameters come from the path"],
  ["forwarded", ["Forwarded: for=evil;proto=https"], "who connected is the gateway's to say"],
  [
    "x-forwarded",
    [
      "X-Forwarded-For: 192.0.2.1",
      "X-Forwarded-Proto: https",
      "X-Forwarded-Host: evil",
      "X-Forwarded-Port: 1",
    ],
    "in the older spelling too",
  ],
  ["webhook-flag", ["Connxio-Api-Webhook: true"], "the webhook flag is no business of the integration"],
];

/** CGI-like servers read `X_A` and `X-A` as one name. */
const twins: readonly (readonly [name: string, lines: readonly string[], accept: Outcome])[] = [
  ["path-parameter-underscore", ["cx_path_rest: evil"], passed(seenGet)],
  ["forwarded-underscore", ["X_Forwarded_For: 192.0.2.1", "x_forwarded-proto: https"], passed(seenGet)],
  // By the key the gateway decides, and this is a second one.
  ["key-underscore", [`Connxio_Api_Key: ${KEY}`], refused(400, "any")],
];

function kept(name: string, why: string, clause: string, line: string, header: Header) {
  return letter({
    name: `gw-${name}`,
    clause,
    why,
    send: get(line),
    accept: passed(seen("GET", "/t", "", [header])),
    visibleToHandler: true,
    needs,
  });
}

export const gateway = [
  ...forged.map(([name, lines, why]) =>
    policy({
      name: `gw-${name}`,
      clause: "RFC 9110 §7.6",
      why,
      send: get(...lines),
      accept: passed(seenGet),
      visibleToHandler: true,
      needs,
    }),
  ),
  ...twins.map(([name, lines, accept]) =>
    policy({
      name: `gw-${name}`,
      clause: "RFC 9110 §7.6",
      why: "a twin with underscores does not go on either",
      send: get(...lines),
      accept,
      needs,
    }),
  ),
  kept("via", "a gateway adds itself behind who is there", "RFC 9110 §7.6.3", "Via: 1.0 fred", [
    "via",
    "1.0 fred, 1.1 latchkey",
  ]),
  policy({
    name: "gw-interchange-id",
    clause: "RFC 9110 §7.6",
    why: "a client may name its message",
    send: get("InterchangeId: order-4711"),
    accept: passed(seen("GET", "/t", "", [["interchangeid", "order-4711"]])),
    visibleToHandler: true,
    needs,
  }),
  policy({
    name: "gw-interchange-id-odd",
    clause: "RFC 9110 §7.6",
    why: "but not with whatever it likes: then the gateway names it",
    send: get(`InterchangeId: ${"x".repeat(1_000)}`),
    accept: passed(seenGet),
    visibleToHandler: true,
    needs,
  }),
  policy({
    name: "gw-key-missing",
    clause: "RFC 9110 §15.5.2",
    why: "no key, no service",
    send: "GET /t HTTP/1.1\r\nHost: a.example\r\n\r\n",
    accept: refused(401, "kept"),
    visibleToHandler: true,
    needs,
  }),
  policy({
    name: "gw-key-unknown",
    clause: "RFC 9110 §15.5.2",
    why: "a key that is not known",
    send: `GET /t HTTP/1.1\r\nHost: a.example\r\nConnxio-Api-Key: ${"lk_".padEnd(52, "0")}\r\n\r\n`,
    accept: refused(401, "kept"),
    visibleToHandler: true,
    needs,
  }),
  policy({
    name: "gw-key-twice",
    clause: "RFC 9110 §5.3",
    why: "with two keys it is ambiguous whose request it is",
    send: `GET /t HTTP/1.1\r\nHost: a.example\r\n${AUTH}\r\nConnxio-Api-Key: lk_other\r\n\r\n`,
    accept: refused([400, 401], "kept"),
    visibleToHandler: true,
    needs,
  }),
  policy({
    name: "gw-key-in-query",
    clause: "RFC 9110 §17.9",
    why: "a key for the header is not taken from the query, where logs would keep it",
    send: `GET /t?Connxio-Api-Key=${KEY}&Connxio-Api-Webhook=true HTTP/1.1\r\nHost: a.example\r\n\r\n`,
    accept: { responses: [own(401)], fate: "kept", upstream: [], incomplete: null },
    visibleToHandler: true,
    needs,
  }),
  policy({
    name: "gw-key-in-query-beside-header",
    clause: "RFC 9110 §17.9",
    why: "beside the header it does not go on",
    send: head(`GET /t?a=1&Connxio-Api-Key=lk_other&b=2`),
    accept: [passed(seen("GET", "/t?a=1&b=2")), refused([400, 401], "kept")],
    visibleToHandler: true,
    needs,
  }),
];
