/** Settings `limits.*` of a node: what one request, one client or one owner may take, and how long. */
import { z } from "zod";
import { count, KIB, MIB, MINUTE_MS, milliseconds, SECOND_MS } from "./setting-fields.js";

export const limitSettings = z
  .object({
    headerBytesMax: count(16 * KIB, MIB, "Bytes of a request's head"),
    headersMax: count(100, 10_000, "Header lines of a request (uws: 48 at most)"),
    uriBytesMax: count(8 * KIB, MIB, "Bytes of a request's target"),
    requestBodyBytesMax: count(100 * MIB, Number.MAX_SAFE_INTEGER, "Bytes of a request body"),
    responseBodyBytesMax: z
      .number()
      .int()
      .min(0)
      .default(0)
      .describe("Bytes of a response's body; 0: no limit"),
    checkedBodyBytesMax: count(
      4 * MIB,
      1024 * MIB,
      "Bytes of a body that is checked against a schema: it is collected first",
    ),
    bufferedBytesMax: count(
      256 * MIB,
      Number.MAX_SAFE_INTEGER,
      "Bytes of all bodies together that are collected to be checked or before they are sent on; one subscription gets at most 75 % of them",
    ),
    bodyBufferBytesMax: z
      .number()
      .int()
      .min(0)
      .max(MIB)
      .default(64 * KIB)
      .describe(
        "So much of a body is read before a connection to the integration is taken; 0: bodies are sent on as they come",
      ),
    inFlightMax: count(10_000, 1_000_000, "Requests in flight in a process; each worker counts its own"),
    inFlightPerSubscriptionMax: count(
      4_000,
      1_000_000,
      "Requests in flight of one subscription on this node; workers share it in equal parts",
    ),
    inFlightPerIntegrationMax: count(2_000, 1_000_000, "Requests in flight for one integration in a process"),
    inFlightPerKeyMax: count(1_000, 1_000_000, "Requests in flight with one key in a process"),
    connectionsMax: count(
      10_000,
      1_000_000,
      "Client connections of a process (uws: requests in flight); at most half of its file descriptors. For a further one an idle one is closed; else it gets 503",
    ),
    connectionsPerAddressMax: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(1_000)
      .describe(
        "Connections of one client to a process: an IPv4 address or an IPv6 /64. Further ones get 503. trustedProxies are not counted, whomever they forward for (uws: requests in flight); 0: no limit",
      ),
    headerTimeoutMs: milliseconds(10 * SECOND_MS, 10 * MINUTE_MS, "For a whole request head (uws: 10 s)"),
    bodyIdleTimeoutMs: milliseconds(30 * SECOND_MS, 60 * MINUTE_MS, "Silence within a body"),
    bodyBytesPerSecondMin: z
      .int()
      .min(0)
      .max(1_000_000_000)
      .default(500)
      .describe(
        "Bytes a second of a request body, on average over each limits.bodyIdleTimeoutMs; a slower one gets 408; 0: no floor",
      ),
    bodyTimeoutMs: milliseconds(
      60 * MINUTE_MS,
      24 * 60 * MINUTE_MS,
      "For a whole request body; a longer one gets 408",
    ),
    writeTimeoutMs: milliseconds(
      2 * MINUTE_MS,
      60 * MINUTE_MS,
      "How long a client may read nothing of what was sent to it (docs/request-path.md says what speed that is)",
    ),
    keepAliveMs: milliseconds(
      75 * SECOND_MS,
      60 * MINUTE_MS,
      "Idle client connection: longer than load balancers keep theirs, usually 60 s (uws: 10 s)",
    ),
  })
  .prefault({});
