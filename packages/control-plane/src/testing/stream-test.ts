/** What tests of the snapshot stream share: harnesses that end with their test, and what a node received. */
import { revisionToWire } from "@latchkey/snapshot";
import { type SimulatedEvent, type SimulatedNode } from "@latchkey/testkit";
import { expect, onTestFinished } from "vitest";
import { type HarnessOptions, StreamHarness, type TestChange } from "./stream-harness.js";

export async function start(options?: HarnessOptions): Promise<StreamHarness> {
  const harness = await StreamHarness.start(options);
  onTestFinished(() => harness[Symbol.asyncDispose]());
  return harness;
}

/** What came down besides heartbeats. */
function content(node: SimulatedNode): readonly SimulatedEvent[] {
  return node.events.filter(({ kind }) => kind !== "heartbeat" && kind !== "usageStored");
}

export function kinds(node: SimulatedNode): readonly string[] {
  return content(node).map((event) => event.kind);
}

export function deltas(node: SimulatedNode) {
  return node.events.flatMap(({ message: { message } }) =>
    message?.$case === "delta" ? [message.value] : [],
  );
}

export function expectSame(node: SimulatedNode, harness: StreamHarness): void {
  expect(node.revision).toEqual(harness.server.cache.revision);
  expect(node.digest.toString("hex")).toBe(Buffer.from(harness.server.cache.digest).toString("hex"));
}

/** Resolves when the condition holds; looks at it each turn of the event loop. */
export async function until(condition: () => boolean, timeoutMs = 100_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Resolves when every node has acknowledged what there is. */
export async function settled(harness: StreamHarness): Promise<void> {
  await harness.server.cache.advance();
  const receipt = await harness.receipts.wait(harness.server.cache.revision, "ALL", 100_000);
  if (!receipt.isComplete) throw new Error(receipt.message);
}

/** The newest revision, as a message carries it. */
export function wireRevision(harness: StreamHarness) {
  return revisionToWire(harness.server.cache.revision);
}

export function many(count: number, bodyBytes = 20): TestChange[] {
  return Array.from({ length: count }, (_, i) => ({ id: `api_${i}`, body: "x".repeat(bodyBytes) }));
}
