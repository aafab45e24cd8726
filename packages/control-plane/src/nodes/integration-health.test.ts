import { expect, it } from "vitest";
import type { ImpairedTargetReport } from "../snapshot/node-observer.js";
import { impairedIntegrations, nodeUrls } from "./integration-health.js";

const node = { id: "nod_1", name: "node-1" };
const integration = { id: "int_1", urls: ["https://a.example", "https://b.example"] };
const impaired = (integrationId: string, urlIndex: number, sinceMs = 1_000): ImpairedTargetReport => ({
  integrationId,
  urlIndex,
  state: "circuit-open",
  sinceMs,
  lastError: "connect_failed (ECONNREFUSED)",
});
const statesOf = (report: Parameters<typeof nodeUrls>[1]) =>
  nodeUrls(node, report, integration).urls.map(({ state }) => state);

it("takes what a node does not list for in use, and a node that does not report for unknown", () => {
  expect(statesOf({ count: 0, listed: [] })).toEqual(["in-use", "in-use"]);
  expect(statesOf({ count: 2, listed: [impaired("int_1", 1), impaired("int_2", 0)] })).toEqual([
    "in-use",
    "circuit-open",
  ]);
  expect(statesOf(null)).toEqual(["unknown", "unknown"]);
});

it("claims nothing of what a node could not list", () => {
  expect(statesOf({ count: 300, listed: [impaired("int_1", 0)] })).toEqual(["circuit-open", "unknown"]);
});

it("shows since when and why", () => {
  expect(nodeUrls(node, { count: 1, listed: [impaired("int_1", 0)] }, integration).urls[0]).toEqual({
    url: "https://a.example",
    state: "circuit-open",
    sinceMs: 1_000,
    lastError: "connect_failed (ECONNREFUSED)",
  });
});

it("ranks integrations by the nodes that do not use a URL of theirs", () => {
  const reports = [
    { count: 2, listed: [impaired("int_1", 0, 500), impaired("int_2", 0)] },
    { count: 2, listed: [impaired("int_2", 1, 800), impaired("int_2", 0)] },
    null,
  ];
  expect(impairedIntegrations(reports)).toEqual([
    { id: "int_2", urls: 2, nodes: 2, sinceMs: 800 },
    { id: "int_1", urls: 1, nodes: 1, sinceMs: 500 },
  ]);
});
