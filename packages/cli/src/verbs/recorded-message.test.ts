import { expect, it } from "vitest";
import { curlLine, type RecordedMessage, recordedLines } from "./recorded-message.js";

const gateway = { ingressUrl: "http://127.0.0.1:8080", keyHeader: "Connxio-Api-Key" };

function posted(target: string, body: string, bodyState: "WHOLE" | "OMITTED" = "WHOLE"): RecordedMessage {
  return {
    method: "POST",
    path: "/orders",
    status: 200,
    requestBytes: body.length,
    responseBytes: 0,
    contentMissing: null,
    content: {
      request: { target, headers: [], body, bodyState },
      upstreamRequest: null,
      upstreamResponse: null,
      response: null,
    },
  };
}

it("sends a recorded body as it was, also where it looks like the name of a file", () => {
  expect(curlLine(posted("/orders", "@/etc/passwd"), gateway)).toMatch(/ --data-raw @\/etc\/passwd$/);
  expect(curlLine(posted("/orders", ""), gateway)).not.toContain("--data");
  expect(curlLine(posted("/orders", "", "OMITTED"), gateway)).toMatch(/ --data-binary @body$/);
});

it("takes the gateway's address with or without a slash at its end", () => {
  const withSlash = { ...gateway, ingressUrl: `${gateway.ingressUrl}/` };
  expect(curlLine(posted("/orders", ""), withSlash)).toBe(curlLine(posted("/orders", ""), gateway));
});

it("sends brackets of a query as they were", () => {
  expect(curlLine(posted("/orders?id[0]=1", ""), gateway)).toContain(
    "curl -i --globoff -X POST 'http://127.0.0.1:8080/orders?id[0]=1' ",
  );
});

it("shows method and target of both requests", () => {
  const message = posted("/orders?page=2", "");
  const upstreamRequest = { method: "PUT", target: "/in", headers: [] };
  const linesOf = (head: typeof upstreamRequest | { target: string; headers: [] }) =>
    recordedLines({
      ...message,
      content: message.content && { ...message.content, upstreamRequest: head },
    }).filter((line) => line !== "");
  const client = ["REQUEST OF THE CLIENT", "POST /orders?page=2", "REQUEST TO THE INTEGRATION"];
  expect(linesOf(upstreamRequest)).toEqual([...client, "PUT /in"]);
  // Stored by an earlier release.
  expect(linesOf({ target: "/in", headers: [] })).toEqual([...client, "/in"]);
});
