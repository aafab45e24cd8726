/** Requests that the gateway refuses are in `traffic`, `keyUsage` and `requestTail`, with their key where it is known. */
import { generateApiKey } from "@latchkey/core";
import { eventually, RawClient } from "@latchkey/testkit";
import { createClient } from "graphql-ws";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { Recorder } from "../support/recorder.js";
import {
  enforced,
  type MadeApi,
  makeApi,
  makeIntegration,
  makeSubscription,
  mutate,
} from "../support/seed.js";
import { Stack } from "../support/stack.js";

interface Tailed {
  readonly status: number;
  readonly keyId: string | null;
  readonly apiId: string | null;
  readonly errorCode: string | null;
}

let stack: Stack;
let recorder: Recorder;
let disabled: MadeApi;
let slow: MadeApi;

beforeAll(async () => {
  recorder = await Recorder.start();
  stack = await Stack.start({
    engine: "strict",
    ingressEnv: { LATCHKEY_INGRESS_LIMITS_BODY_IDLE_TIMEOUT_MS: "300" },
  });
  const subscriptionId = await makeSubscription(stack);
  const integrationId = await makeIntegration(stack, subscriptionId, "in", recorder.url);
  const routes = [{ method: "POST", path: "/a", integrationId }];
  disabled = await makeApi(stack, subscriptionId, "disabled", routes);
  slow = await makeApi(stack, subscriptionId, "slow", routes);
  const { revision } = await mutate(
    stack,
    "updateApiKey",
    { id: disabled.keyId, active: false },
    "key { id }",
  );
  await enforced(stack, revision);
});

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  await recorder?.[Symbol.asyncDispose]();
});

it("shows a 401, the 403 of a disabled key with its id, and the 408 that a slow body got", async () => {
  const client = createClient({
    url: stack.graphqlUrl.replace("http", "ws"),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${stack.adminToken}` },
    lazy: false,
  });
  const tailed: Tailed[] = [];
  const stop = client.subscribe<{ requestTail: Tailed }>(
    { query: "subscription { requestTail(filter: { outcome: FAILED }) { status keyId apiId errorCode } }" },
    {
      next: ({ data }) => {
        if (data) tailed.push(data.requestTail);
      },
      error: () => {},
      complete: () => {},
    },
  );
  const unknown = generateApiKey();
  stack.secrets.add(unknown);
  const ask = async (secret: string) => {
    const response = await fetch(`${stack.ingress.url}/a`, {
      method: "POST",
      headers: { "Connxio-Api-Key": secret },
    });
    await response.arrayBuffer();
    return response.status;
  };
  const askSlowly = async () => {
    using raw = await RawClient.connect(Number(new URL(stack.ingress.url).port));
    raw.send(
      `POST /a HTTP/1.1\r\nHost: a\r\nConnxio-Api-Key: ${slow.secret}\r\nContent-Length: 9\r\n\r\nhalf`,
    );
    return (await raw.response()).status;
  };
  let rounds = 0;
  // The tail shows what comes once the control plane has taken the subscription, so requests are repeated until then.
  await eventually(async () => {
    rounds++;
    expect(await ask(unknown)).toBe(401);
    expect(await ask(disabled.secret)).toBe(403);
    expect(await askSlowly()).toBe(408);
    return [401, 403, 408].every((status) => tailed.some((one) => one.status === status)) || undefined;
  }, "the tail shows all three");
  stop();
  await client.dispose();

  expect(tailed).toEqual(
    expect.arrayContaining([
      { status: 401, keyId: null, apiId: null, errorCode: "key.unknown" },
      { status: 403, keyId: disabled.keyId, apiId: disabled.id, errorCode: "key.disabled" },
      { status: 408, keyId: slow.keyId, apiId: slow.id, errorCode: "request.timeout" },
    ]),
  );
  const countsOf = async () =>
    stack.graphql<Record<string, { total: { requests: number; clientErrors: number } }>>(
      `query($disabled: ID!, $slow: ID!) {
        all: traffic(points: 300) { total { requests clientErrors } }
        disabled: traffic(points: 300, keyId: $disabled) { total { requests clientErrors } }
        slow: traffic(points: 300, keyId: $slow) { total { requests clientErrors } }
      }`,
      { disabled: disabled.keyId, slow: slow.keyId },
    );
  const counts = await eventually(async () => {
    const now = await countsOf();
    return now.all?.total.requests === 3 * rounds ? now : undefined;
  }, "all requests are counted");
  expect(counts).toEqual({
    all: { total: { requests: 3 * rounds, clientErrors: 3 * rounds } },
    disabled: { total: { requests: rounds, clientErrors: rounds } },
    slow: { total: { requests: rounds, clientErrors: rounds } },
  });
  // From the database, where counts are some seconds later.
  const keyUsage = await eventually(async () => {
    const { keyUsage: now } = await stack.graphql<{
      keyUsage: { requestsLastHour: number; lastUsedAt: string };
    }>("query($keyId: ID!) { keyUsage(keyId: $keyId) { requestsLastHour lastUsedAt } }", {
      keyId: disabled.keyId,
    });
    return now.requestsLastHour >= rounds ? now : undefined;
  }, "the use of the key is stored");
  expect(keyUsage).toMatchObject({ requestsLastHour: rounds, lastUsedAt: expect.any(String) });
});
