// Messages to start from, and ways to damage them, for the differential tests and the fuzz run.

const H = "Host: a.example\r\n";

export const REQUEST_SEEDS: readonly string[] = [
  `GET / HTTP/1.1\r\n${H}\r\n`,
  `GET /a/b?c=d HTTP/1.1\r\n${H}Accept: */*\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.1\r\n${H}\r\n`,
  `POST /p HTTP/1.1\r\n${H}Content-Length: 5\r\n\r\nhelloGET /2 HTTP/1.1\r\n${H}\r\n`,
  `POST /p HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nGET /2 HTTP/1.1\r\n${H}\r\n`,
  `PUT /p HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\na;x="y z"\r\n0123456789\r\n0\r\nT: u\r\n\r\n`,
  `OPTIONS * HTTP/1.1\r\n${H}X-A: b\r\nX-A: \tc \r\n\r\n`,
  `GET http://b.example:80/x?y HTTP/1.1\r\n${H}\r\n`,
  "GET / HTTP/1.0\r\nUser-Agent: old\r\n\r\n",
  `DELETE /x HTTP/1.1\r\n${H}Connection: close, X-B\r\nX-B: 1\r\n\r\n`,
  `POST /e HTTP/1.1\r\n${H}Expect: 100-continue\r\nContent-Length: 2\r\n\r\nab`,
];

export const RESPONSE_SEEDS: readonly string[] = [
  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: u\r\n\r\n",
  "HTTP/1.1 200 OK\r\nX: y\r\n\r\nuntil the end",
  "HTTP/1.0 404 Not Found\r\nContent-Type: text/plain\r\n\r\nno",
  "HTTP/1.1 204 No Content\r\n\r\n",
  "HTTP/1.1 304 Not Modified\r\nETag: x\r\nContent-Length: 9\r\n\r\n",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
  "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200\r\nKeep-Alive: timeout=5\r\nContent-Length: 1\r\n\r\nx",
];

/** Pieces that have told parsers apart before. */
export const FRAGMENTS: readonly string[] = [
  ...'\r|\n|\r\n|\r\n\r\n| |\t|:|;|,|=|"|\\|\x00|\x0b|\x7f|\x80|\xff|0|5|a|g|+|-|_|0x|#|?|/|*|@|%'.split("|"),
  "Content-Length: 5\r\n",
  "Content-Length: 0\r\n",
  "content-length: 3, 3\r\n",
  "Content-Length: +1\r\n",
  "Content-Length : 5\r\n",
  "Content-Length: 99999999999999999999\r\n",
  "Transfer-Encoding: chunked\r\n",
  "transfer-encoding: CHUNKED\r\n",
  "Transfer-Encoding: xchunked\r\n",
  "Transfer-Encoding: gzip, chunked\r\n",
  "Transfer-Encoding: chunked, identity\r\n",
  "Transfer-Encoding:\x0bchunked\r\n",
  "Host: b.example\r\n",
  "Host:\r\n",
  " folded\r\n",
  "X: a\r\n b\r\n",
  "X : y\r\n",
  ": y\r\n",
  "X\r\n",
  "Expect: 100-continue\r\n",
  "Connection: close\r\n",
  "0\r\n\r\n",
  "5\r\nhello\r\n",
  "fffffffffffffffff\r\n",
  "5;\r\n",
  "5 \r\n",
  "GET / HTTP/1.1\r\n",
  "HTTP/1.1",
  "HTTP/1.0",
  "HTTP/2.0",
  "HTTP/0.9",
];

/** A source of numbers in [0, below). */
export type Pick = (below: number) => number;

/** A seeded source, so that a failing run can be repeated (mulberry32). */
export function seededPick(seed: number): Pick {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** One to four random changes. */
export function mutate(seed: string, pick: Pick): string {
  let text = seed;
  for (let changes = 1 + pick(4); changes > 0; changes--) {
    const at = pick(text.length + 1);
    switch (pick(6)) {
      case 0: // a fragment put in
        text = text.slice(0, at) + FRAGMENTS[pick(FRAGMENTS.length)] + text.slice(at);
        break;
      case 1: // a fragment at the start of a line: most headers want to stand there
      case 2: {
        const line = text.indexOf("\n", at) + 1;
        text = text.slice(0, line) + FRAGMENTS[pick(FRAGMENTS.length)] + text.slice(line);
        break;
      }
      case 3: // a byte changed
        text = text.slice(0, at) + String.fromCharCode(pick(256)) + text.slice(at + 1);
        break;
      case 4: // some bytes gone
        text = text.slice(0, at) + text.slice(at + 1 + pick(3));
        break;
      default: // a stretch twice
        text = text.slice(0, at) + text.slice(Math.max(0, at - pick(30)));
    }
  }
  return text;
}

export function cut(bytes: Buffer, pick: Pick): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const to = Math.min(bytes.length, at + 1 + pick(pick(3) === 0 ? 3 : 40));
    pieces.push(bytes.subarray(at, to));
    at = to;
  }
  return pieces;
}
