import { spawn } from "node:child_process";
import { describe, expect, it } from "vitest";

/** Runs `body` in a process of its own that ends by fatal errors. It writes `drained` when the drain ran. */
function run(
  body: string,
  drain = "process.stdout.write('drained')",
): Promise<{ code: number | null; out: string; log: string }> {
  const script = `
    import { createLogger, exitOnFatalError } from "@latchkey/observe";
    const logger = createLogger({ name: "test" });
    exitOnFatalError({ logger, drainMsMax: 200, drain: async () => { ${drain} } });
    setInterval(() => {}, 1000);
    ${body}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { cwd: import.meta.dirname });
  let out = "";
  let log = "";
  child.stdout.on("data", (bytes) => {
    out += String(bytes);
  });
  child.stderr.on("data", (bytes) => {
    log += String(bytes);
  });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, out, log })));
}

describe("an error that nobody caught", { timeout: 60_000 }, () => {
  it.each([
    ["an exception", "setTimeout(() => { throw new Error('boom'); });", "uncaughtException"],
    ["a rejection", "Promise.reject(new Error('boom'));", "unhandledRejection"],
    [
      "an `error` event without a listener",
      "import { EventEmitter } from 'node:events'; setTimeout(() => new EventEmitter().emit('error', new Error('boom')));",
      "uncaughtException",
    ],
  ])("%s is logged, the process drains and exits with 1", async (_what, body, origin) => {
    const { code, out, log } = await run(body);
    expect({ code, out }).toEqual({ code: 1, out: "drained" });
    expect(JSON.parse(log.split("\n")[0] ?? "")).toMatchObject({
      level: "fatal",
      origin,
      err: { message: "boom" },
    });
  });

  it.each([
    ["hangs", "await new Promise(() => {})"],
    ["fails", "throw new Error('no')"],
    ["meets a second error", "setTimeout(() => { throw new Error('again'); }); await new Promise(() => {})"],
  ])("ends the process also when the drain %s", async (_what, drain) => {
    expect((await run("setTimeout(() => { throw new Error('boom'); });", drain)).code).toBe(1);
  });
});
