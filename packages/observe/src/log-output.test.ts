import { expect, it } from "vitest";
import { LogOutput } from "./log-output.js";

/** A stream that takes so many bytes and then fails as the system would. */
class Sink {
  text = "";
  roomBytes = Number.POSITIVE_INFINITY;
  code = "EAGAIN";

  readonly write = (bytes: Uint8Array, offset: number): number => {
    const taken = Math.min(this.roomBytes, bytes.length - offset);
    if (taken === 0) throw Object.assign(new Error(this.code), { code: this.code });
    this.text += Buffer.from(bytes.subarray(offset, offset + taken)).toString();
    this.roomBytes -= taken;
    return taken;
  };
}

const line = (i: number) => `${String(i).padStart(1_023, "0")}\n`;

it("keeps lines whole and in order over a stream that is full for a while", () => {
  const sink = new Sink();
  const output = new LogOutput(sink.write);
  output.write("a\n");
  sink.roomBytes = 3;
  output.write("bcdef\n");
  output.write("g\n");
  expect(sink.text).toBe("a\nbcd");
  sink.roomBytes = 100;
  output.flushSync();
  expect(sink.text).toBe("a\nbcdef\ng\n");
  expect(output.lostLines).toBe(0);
});

it.each(["EAGAIN", "ENOSPC"])(
  "counts the lines that its bound has no room for, and logs the count after %s",
  (code) => {
    const sink = new Sink();
    sink.code = code;
    sink.roomBytes = 0;
    const output = new LogOutput(sink.write);
    for (let i = 0; i < 2_000; i++) output.write(line(i));
    expect(output.lostLines).toBe(2_000 - 1_024);
    sink.roomBytes = Number.POSITIVE_INFINITY;
    output.flushSync();
    const lines = sink.text.trimEnd().split("\n");
    expect(lines).toHaveLength(1_025);
    expect(lines.slice(0, 1_024).map(Number)).toEqual(Array.from({ length: 1_024 }, (_, i) => i));
    expect(JSON.parse(lines[1_024] ?? "")).toMatchObject({
      level: "warn",
      lines: 976,
      msg: "log lines were lost",
    });
  },
);

it("writes on by itself once there is room", async () => {
  const sink = new Sink();
  sink.roomBytes = 0;
  const output = new LogOutput(sink.write);
  output.write("late\n");
  sink.roomBytes = Number.POSITIVE_INFINITY;
  await expect.poll(() => sink.text).toBe("late\n");
});

it("counts what goes to a reader that is gone, and keeps nothing for it", () => {
  const sink = new Sink();
  sink.code = "EPIPE";
  sink.roomBytes = 0;
  const output = new LogOutput(sink.write);
  for (let i = 0; i < 10; i++) output.write("lost\n");
  expect(output.lostLines).toBe(10);
});
