/** Which bodies are a form to every reader, and which are refused. Busboy, which integrations use, is the other reader. */
import { Readable } from "node:stream";
import { Busboy } from "@fastify/busboy";
import { describe, expect, it } from "vitest";
import { parseMediaType } from "./media-type.js";
import { readParts } from "./multipart.js";

const B = "b0undary";
const type = `multipart/form-data; boundary=${B}`;
const named = (name: string, body: string, more = "") =>
  `--${B}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${body}\r\n`;
const end = `--${B}--\r\n`;
const read = (body: string, contentType = type) =>
  readParts(contentType, Buffer.from(body, "latin1"))?.map(({ name, bytes }) => [
    name,
    bytes.toString("latin1"),
  ]) ?? null;

/** What busboy takes from a body; null when it fails. */
function busboyReads(body: Buffer): Promise<readonly (readonly [string, string])[] | null> {
  return new Promise((resolve) => {
    const busboy = new Busboy({ headers: { "content-type": type }, isPartAFile: () => true });
    const parts: [string, string][] = [];
    busboy.on("file", (name: string, stream: Readable) => {
      const pieces: Buffer[] = [];
      stream.on("data", (piece: Buffer) => pieces.push(piece));
      stream.on("end", () => parts.push([name, Buffer.concat(pieces).toString("latin1")]));
    });
    busboy.on("error", () => resolve(null));
    busboy.on("finish", () => resolve(parts));
    busboy.end(body);
  });
}

it("reads parts with any bytes in them", () => {
  expect(read(named("a", "1") + named("b", "\r\n-- \0\xff\r\n\r\n") + end)).toEqual([
    ["a", "1"],
    ["b", "\r\n-- \0\xff\r\n\r\n"],
  ]);
  expect(read(end)).toEqual([]);
  expect(read(`\r\n${named("a", "")}--${B}--`)).toEqual([["a", ""]]);
  expect(read(named("a", `x--${B}`) + end)).toEqual([["a", `x--${B}`]]);
  expect(
    read(
      `--b c\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b c--`,
      'multipart/form-data; boundary="b c"',
    ),
  ).toEqual([["a", "1"]]);
});

describe("refuses what readers differ in:", () => {
  const a = named("a", "1");
  const head = (headers: string) => `--${B}\r\n${headers}\r\n\r\n1\r\n${end}`;
  const disposition = 'Content-Disposition: form-data; name="a"';
  it.each([
    ["a part without a name", head("X: y")],
    ["a part without headers", `--${B}\r\n\r\n1\r\n${end}`],
    ["a header line that ends with a line feed", head(`X: y\n${disposition}`)],
    ["a name behind many headers", head(`${"X: y\r\n".repeat(200)}${disposition}`)],
    ["two dispositions", head(`${disposition}\r\nContent-Disposition: form-data; name="b"`)],
    ["two types", head(`${disposition}\r\nContent-Type: text/plain\r\nContent-Type: application/json`)],
    ["a line without a colon", head(`${disposition}\r\nX`)],
    ["a folded line", head(`Content-Disposition: form-data;\r\n name="a"`)],
    ["two names", head(`${disposition}; name="b"`)],
    ["a name in another character set", head(`${disposition}; name*=utf-8''b`)],
    ["an escaped quote", head(`Content-Disposition: form-data; name="a"; filename="\\"; name=b; x=\\""`)],
    ["another disposition", head('Content-Disposition: attachment; name="a"')],
    ["an encoding of the part", head(`${disposition}\r\nContent-Transfer-Encoding: base64`)],
    ["bytes that are no UTF-8 in a name", head('Content-Disposition: form-data; name="\xff"')],
    ["a preamble", `x\r\n${a}${end}`],
    ["an epilogue", `${a}${end}--${B}\r\n${disposition}\r\n\r\n2\r\n${end}`],
    ["a delimiter behind a line feed", `${named("a", `\n--${B}\r\n${disposition}\r\n\r\n2`)}${end}`],
    ["a delimiter that goes on", `${named("a", `1\r\n--${B}x`)}${end}`],
    ["blanks behind a delimiter", `--${B} \r\n${disposition}\r\n\r\n1\r\n${end}`],
    ["no last delimiter", a],
    ["a last delimiter that is cut", `${a}--${B}-`],
    ["too many parts", `${a.repeat(1_001)}${end}`],
  ])("%s", (_, body) => {
    expect(read(body)).toBeNull();
  });
});

it("refuses a content type that readers take two boundaries from", () => {
  for (const parameters of [
    "boundary=a; boundary=b0undary",
    "boundary=b0undary; Boundary=a",
    "boundary*=b0undary",
    "boundary*0=b0; boundary*1=undary",
    "charset=utf-8; boundary=a; charset=utf-8",
  ])
    expect(parseMediaType(`multipart/form-data; ${parameters}`), parameters).toBeNull();
  expect(read(named("a", "1") + end, "multipart/form-data")).toBeNull();
});

it("takes from a body what busboy takes, or nothing", async () => {
  const pieces = [
    `--${B}`,
    "\r\n",
    "\r\n\r\n",
    "\n",
    "--",
    "Content-Disposition: form-data; name=a",
    '; name="b"',
    "; filename=f",
    "Content-Type: text/plain",
    "x",
    " ",
    "\r\n--",
    B,
    named("c", "2"),
    end,
  ];
  let seed = 20261129;
  const next = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * below);
  };
  let taken = 0;
  for (let i = 0; i < 20_000; i++) {
    const middle = Array.from({ length: next(6) }, () => pieces[next(pieces.length)]).join("");
    const body = Buffer.from(
      named("a", next(2) === 0 ? middle : "1") + (next(2) === 0 ? middle : "") + end,
      "latin1",
    );
    const own = readParts(type, body);
    if (own === null) continue;
    taken++;
    expect(await busboyReads(body), JSON.stringify(body.toString("latin1"))).toEqual(
      own.map(({ name, bytes }) => [name, bytes.toString("latin1")]),
    );
  }
  expect(taken).toBeGreaterThan(1_000);
});

it("takes time in proportion to the body", () => {
  const bodies = [
    "\r\n--b0undar".repeat(400_000),
    `--${B}`.repeat(400_000),
    "\r".repeat(4_000_000),
    `\r\n--${B}\r\n`.repeat(300_000),
    "a: b\r\n".repeat(600_000),
  ];
  for (const body of bodies) {
    const before = process.cpuUsage();
    read(`${named("a", "1")}${body}${end}`);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000, body.slice(0, 20)).toBeLessThan(500);
  }
});
