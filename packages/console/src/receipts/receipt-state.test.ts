import { expect, it } from "vitest";
import { receiptState, receiptText } from "./receipt-state.js";

const acked = (node: string, afterMs: number | null) => ({ node, afterMs });
const pending = (node: string, status: "SILENT" | "LAGGING" | "REJECTING", reason: string) => ({
  node,
  status,
  reason,
});

it("goes from enforcing to in force, with the time of the slowest node", () => {
  const enforcing = receiptState({
    complete: false,
    acknowledged: [acked("a", 4)],
    pending: [pending("b", "LAGGING", "at revision 1")],
  });
  expect(receiptText(enforcing)).toBe("Enforcing 1/2");
  const done = receiptState({ complete: true, acknowledged: [acked("a", 4), acked("b", 17.6)], pending: [] });
  expect(receiptText(done)).toBe("In force on 2 nodes, 18 ms");
});

it("names a silent node and says where the change is in force", () => {
  const state = receiptState({
    complete: false,
    acknowledged: [acked("a", 4)],
    pending: [pending("b", "SILENT", "not heard from for 42 s")],
  });
  expect(state).toMatchObject({ kind: "waiting", isRefused: false });
  expect(receiptText(state)).toBe("In force on 1 of 2 nodes. Not confirmed: b (not heard from for 42 s)");
});

it("does not claim anything without a node", () => {
  expect(receiptText(receiptState({ complete: true, acknowledged: [], pending: [] }))).toBe(
    "Saved. No node has connected yet",
  );
});
