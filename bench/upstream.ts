/** The upstream of every contender: uWebSockets.js, an 18-byte JSON response or one that varies, a 1 MiB download, a stream of stamped chunks, bodies read and dropped. */

import type * as Uws from "uWebSockets.js";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(import.meta.dirname, "../packages/ingress/package.json"));
const uws = require("uWebSockets.js") as typeof Uws;

const TOKEN = JSON.stringify({ access_token: "token".repeat(100), token_type: "Bearer", expires_in: 3600 });
const RESPONSE = '{"status":"fine!"}'; // 18 bytes
const BIG = Buffer.alloc(1024 * 1024, "x");

const port = Number(process.argv[2]);
const app = uws.App();
app.any("/download", (res) => {
  drain(res, () => {
    res.cork(() => {
      res.writeHeader("content-type", "application/octet-stream");
      const [, done] = res.tryEnd(BIG, BIG.length);
      if (!done) {
        res.onWritable((offset) => {
          const [ok] = res.tryEnd(BIG.subarray(offset), BIG.length);
          return ok;
        });
      }
    });
  });
});
app.post("/token", (res) => {
  drain(res, () => {
    res.cork(() => void res.writeHeader("content-type", "application/json").end(TOKEN));
  });
});
app.any("/stream", (res) => drain(res, () => stream(res)));
app.any("/*", (res, req) => {
  const varies = req.getQuery() === "varies";
  drain(res, () => {
    res.cork(() => {
      if (varies) varied(res);
      else res.writeHeader("content-type", "application/json").end(RESPONSE);
    });
  });
});
app.listen("127.0.0.1", port, (token) => {
  process.stdout.write(token ? "upstream listens\n" : "upstream failed\n");
  if (!token) process.exit(1);
});

let responses = 0;

/** No two heads in a row are the same: an id, and 27 to 126 bytes. */
function varied(res: Uws.HttpResponse): void {
  const id = ++responses;
  const name = "x".repeat(id % 100);
  res.writeHeader("content-type", "application/json").writeHeader("x-request-id", String(id));
  res.end(`{"status":"fine","name":"${name}"}`);
}

const CHUNKS = 25;
const CHUNK_EVERY_MS = 10;

/** As a language model's tokens come: small chunks, each stamped with the machine's monotonic clock. */
function stream(res: Uws.HttpResponse): void {
  let left = CHUNKS;
  let isAborted = false;
  res.onAborted(() => {
    isAborted = true;
  });
  res.cork(() => res.writeHeader("content-type", "text/event-stream"));
  const timer = setInterval(() => {
    if (isAborted || left-- === 0) {
      clearInterval(timer);
      if (!isAborted) res.cork(() => res.end());
    } else {
      res.cork(() => res.write(`${String(process.hrtime.bigint()).padEnd(59)}\n`));
    }
  }, CHUNK_EVERY_MS);
}

/** Responds when the whole body is here, as an application would. */
function drain(res: Uws.HttpResponse, respond: () => void): void {
  let aborted = false;
  res.onAborted(() => {
    aborted = true;
  });
  res.onData((_chunk, isLast) => {
    if (isLast && !aborted) respond();
  });
}
