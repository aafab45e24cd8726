/**
 * GitHub's webhook payloads (those that @octokit/webhooks-examples ships) through the running ingress, with a header
 * key and again with a webhook key by query: each arrives byte for byte, with the gateway's headers and no key.
 */
import { createHmac, randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engines } from "../support/engines.js";
import { type RecordedRequest, Recorder } from "../support/recorder.js";
import {
  enforced,
  type MadeApi,
  makeApi,
  makeIntegration,
  makeSubscription,
  mutate,
} from "../support/seed.js";
import { Stack } from "../support/stack.js";

interface Delivery {
  readonly event: string;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

interface EventExamples {
  readonly name: string;
  readonly examples: readonly unknown[];
}

// The package is one JSON file; its type declarations say `export default`, which a JSON file has not.
const webhooks = createRequire(import.meta.url)("@octokit/webhooks-examples") as readonly EventExamples[];

const deliveries: readonly Delivery[] = webhooks.flatMap((event) =>
  event.examples.map((example) => {
    const body = Buffer.from(JSON.stringify(example, null, 2));
    return {
      event: event.name,
      body,
      headers: {
        "content-type": "application/json",
        "user-agent": "GitHub-Hookshot/044aadd",
        "x-github-event": event.name,
        "x-github-delivery": randomUUID(),
        "x-github-hook-installation-target-type": "repository",
        "x-hub-signature-256": `sha256=${createHmac("sha256", "It's a Secret").update(body).digest("hex")}`,
      },
    };
  }),
);

function expectArrived(
  request: RecordedRequest,
  delivery: Delivery,
  integrationId: string,
  secret: string,
): void {
  expect(request.method).toBe("POST");
  expect(request.body.equals(delivery.body)).toBe(true);
  for (const [name, value] of Object.entries(delivery.headers)) expect(request.headers[name]).toBe(value);
  expect(request.headers.configcorrelationid).toBe(integrationId);
  expect(request.headers.interchangeid).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  );
  expect(request.headers["cx-path-event"]).toBe(delivery.event);
  expect(request.headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-9a-f]$/);
  expect(request.headers.forwarded).toContain("for=");
  const everything = `${request.url}\n${request.rawHeaders.join("\n")}\n${request.body.toString("latin1")}`;
  expect(everything).not.toContain(secret);
  expect(everything.toLowerCase()).not.toContain("connxio-api");
}

describe.each(engines)("GitHub's webhooks through the %s engine", (engine) => {
  let stack: Stack;
  let recorder: Recorder;
  let integrationId: string;
  let byHeader: MadeApi;
  let byQuery: MadeApi;

  beforeAll(async () => {
    recorder = await Recorder.start();
    stack = await Stack.start({ engine });
    const subscriptionId = await makeSubscription(stack);
    integrationId = await makeIntegration(stack, subscriptionId, "hooks", `${recorder.url}/hooks`);
    const routes = [{ method: "POST", path: "/github/{event}", integrationId }];
    byHeader = await makeApi(stack, subscriptionId, "by header", routes);
    byQuery = await makeApi(stack, subscriptionId, "by query", routes);
    const { revision } = await mutate(
      stack,
      "updateApiKey",
      { id: byQuery.keyId, mode: "WEBHOOK" },
      "key { id }",
    );
    await enforced(stack, revision);
  });

  afterAll(async () => {
    await stack?.[Symbol.asyncDispose]();
    await recorder?.[Symbol.asyncDispose]();
  });

  it("delivers every example that has a body, with a header key", async () => {
    expect(deliveries.length).toBeGreaterThan(300);
    for (const delivery of deliveries) {
      const response = await fetch(`${stack.ingress.url}/github/${delivery.event}`, {
        method: "POST",
        headers: { ...delivery.headers, "Connxio-Api-Key": byHeader.secret },
        body: delivery.body,
      });
      expect(response.status, await response.text()).toBe(200);
      expectArrived(recorder.last, delivery, integrationId, byHeader.secret);
    }
  });

  it("delivers every example with a webhook key by query, the rest of the query untouched", async () => {
    for (const delivery of deliveries) {
      const query = `a=1&Connxio-Api-Key=${byQuery.secret}&b=%20x%2F&Connxio-Api-Webhook=true&c`;
      const response = await fetch(`${stack.ingress.url}/github/${delivery.event}?${query}`, {
        method: "POST",
        headers: delivery.headers,
        body: delivery.body,
      });
      expect(response.status, await response.text()).toBe(200);
      expectArrived(recorder.last, delivery, integrationId, byQuery.secret);
      expect(recorder.last.url).toBe("/hooks?a=1&b=%20x%2F&c");
    }
  });
});
