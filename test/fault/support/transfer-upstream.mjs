// An integration of a process of its own: takes a body and tells its digest, gives one, or gives back what it takes.
//   X-Give: <bytes>        the response's body; X-Framing: chunked leaves its length out
//   X-Echo: 1              the request's body as it comes
//   X-Read-Pause-Ms: <ms>  pauses so long after each megabyte that it reads
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as pause } from "node:timers/promises";
import { pieces } from "./transfer-bytes.mjs";

async function digest(req) {
  const pauseMs = Number(req.headers["x-read-pause-ms"] ?? 0);
  const hash = createHash("sha256");
  let bytes = 0;
  let sincePause = 0;
  for await (const chunk of req) {
    hash.update(chunk);
    bytes += chunk.length;
    sincePause += chunk.length;
    if (pauseMs > 0 && sincePause >= 1_048_576) {
      sincePause = 0;
      await pause(pauseMs);
    }
  }
  return JSON.stringify({ bytes, sha256: hash.digest("hex") });
}

async function serve(req, res) {
  const give = req.headers["x-give"];
  if (give !== undefined) {
    const bytes = Number(give);
    if (req.headers["x-framing"] !== "chunked") res.setHeader("content-length", bytes);
    req.resume();
    await pipeline(Readable.from(pieces(bytes), { highWaterMark: 1 }), res);
  } else if (req.headers["x-echo"] !== undefined) {
    const length = req.headers["content-length"];
    if (length !== undefined) res.setHeader("content-length", length);
    res.flushHeaders();
    await pipeline(req, res);
  } else {
    res.end(await digest(req));
  }
}

const server = createServer({ requestTimeout: 0 }, (req, res) => {
  serve(req, res).catch(() => res.destroy());
});
server.listen(0, "127.0.0.1", () =>
  process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`),
);
