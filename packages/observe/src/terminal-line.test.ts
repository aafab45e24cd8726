import { expect, it } from "vitest";
import { LogOutput } from "./log-output.js";
import { createLogger } from "./logger.js";
import { terminalLine } from "./terminal-line.js";

/** What a logger prints on a terminal, with the time of day as `<time>`. */
function shown(hasColors: boolean, use: (log: ReturnType<typeof createLogger>) => void): string {
  let text = "";
  const output = new LogOutput(
    (bytes) => {
      text += Buffer.from(bytes).toString();
      return bytes.length;
    },
    (line) => terminalLine(line, hasColors),
  );
  use(createLogger({ name: "ingress", stream: output }));
  return text.replaceAll(/\d\d:\d\d:\d\d/g, "<time>");
}

it("has time, level, process, message and fields in one line", () => {
  const text = shown(false, (log) => log.warn({ port: 8080, reason: "not there" }, "no control plane"));
  expect(text).toBe('<time> WARN  ingress: no control plane port=8080 reason="not there"\n');
});

it("has the stack of an error below the line", () => {
  const text = shown(false, (log) => log.error({ err: new Error("broken") }, "failed"));
  expect(text).toMatch(/^<time> ERROR ingress: failed\n {4}Error: broken\n {4} {4}at /);
});

it("has colors where the terminal has", () => {
  const text = shown(true, (log) => log.error("failed"));
  expect(text).toBe("\u001b[2m<time>\u001b[0m \u001b[31mERROR\u001b[0m ingress: failed\n");
});

it("gives the terminal no control character of a request, and no secret", () => {
  const hostile = "a\u001b]0;owned\u0007\u009b2J\u202eb\r\nforged";
  const text = shown(false, (log) => {
    log.warn({ [hostile]: hostile, err: { stack: hostile }, token: "s3cret" }, hostile);
  });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  expect(text).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  expect(text).not.toMatch(/^forged/m);
  expect(text).toContain("token=(secret)");
});

it("leaves a line that is no record as it is", () => {
  expect(terminalLine("plain text\n", true)).toBe("plain text\n");
});
