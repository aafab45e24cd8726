/** `latchkey recording show` goes by the control plane's clock. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FakeControlPlane, latchkey } from "../testing/command.js";

const MINUTE_MS = 60_000;

let controlPlane: FakeControlPlane;
beforeEach(async () => {
  controlPlane = await FakeControlPlane.start();
});
afterEach(async () => {
  vi.useRealTimers();
  await controlPlane[Symbol.asyncDispose]();
});

it.each([
  ["on", 10, 40],
  ["over", -10, -40],
])("says %s where this machine's clock says otherwise", async (state, endsInMinutes, offMinutes) => {
  const until = new Date(Date.now() + endsInMinutes * MINUTE_MS).toISOString();
  const recording = { until, mask: [], startedBy: "ada" };
  controlPlane.respond = () => ({ one: { id: "api_1", title: "Orders", recording }, many: { nodes: [] } });
  // The control plane's `Date` is Node.js' own, which is not changed.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + offMinutes * MINUTE_MS });
  const { stdout } = await latchkey("recording", "show", "api_1", "--url", controlPlane.url, "--token", "t");
  expect(stdout).toMatch(new RegExp(`RECORDING +${state}\n`));
});
