/** What is written in the background goes whole to one descriptor, however slowly it is read. */
import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { until } from "../testing/until.js";
import { BackgroundOutput } from "./background-output.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "latchkey-output-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("ends a piece that is half written before it goes on in another file", async () => {
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  const output = new BackgroundOutput(openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK));
  // More than a pipe holds.
  const piece = `${"x".repeat(300_000)}\n`;
  const next = join(folder, "next.log");
  const chunk = Buffer.alloc(65_536);
  let text = "";
  const read = () => {
    try {
      text += chunk.toString("latin1", 0, readSync(reader, chunk));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  };
  output.write(piece, 1);
  output.write("after\n", 1);
  await until(() => {
    read();
    return text.length > 0;
  });
  output.switchTo(openSync(next, constants.O_WRONLY | constants.O_CREAT));
  await until(() => {
    read();
    return readFileSync(next, "utf8") !== "";
  });
  closeSync(await output.end());
  closeSync(reader);
  expect(text).toBe(piece);
  expect([readFileSync(next, "utf8"), output.lostLines]).toEqual(["after\n", 0]);
});
