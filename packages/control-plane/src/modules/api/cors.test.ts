import { afterEach, beforeEach, expect, it } from "vitest";
import { Fixture, SETUP_MS_MAX } from "../../testing/fixture.js";

let f: Fixture;
let subscriptionId: string;
beforeEach(async () => {
  f = await Fixture.start();
  subscriptionId = await f.subscription();
}, SETUP_MS_MAX);
afterEach(() => f[Symbol.asyncDispose]());

const CORS = "api { id version cors { origins methods headers exposedHeaders credentials maxAgeSeconds } }";
const update = (id: string, cors: object | null, more: object = {}) =>
  f.mutate("updateApi", { id, cors, ...more }, CORS);

it("gives an API a CORS policy in its canonical form, tells the nodes and the audit log, and removes it", async () => {
  const { api } = await f.api(subscriptionId);
  const { api: changed } = await update(api.id, {
    origins: ["https://App.example.com/", "https://*.example.com", "https://app.example.com"],
    methods: ["put"],
    headers: ["X-Trace", "content-type"],
  });
  const cors = {
    origins: ["https://*.example.com", "https://app.example.com"],
    methods: ["PUT"],
    headers: ["content-type", "x-trace"],
    exposedHeaders: [],
    credentials: false,
    maxAgeSeconds: 600,
  };
  expect(changed.cors).toEqual(cors);
  expect((await f.resources()).get(`api/${api.id}`)).toMatchObject({ cors });
  const kept = await f.mutate("updateApi", { id: api.id, title: "Renamed" }, CORS);
  expect(kept.api.cors).toEqual(cors);
  const copy = await f.mutate("duplicateApi", { id: api.id }, CORS);
  expect(copy.api.cors).toEqual(cors);
  const removed = await update(api.id, null);
  expect(removed.api).toMatchObject({ cors: null, version: kept.api.version + 1 });
  expect((await f.resources()).get(`api/${api.id}`)).toMatchObject({ cors: null });
});

it("creates an API with a policy", async () => {
  const { api } = await f.mutate(
    "createApi",
    {
      title: "Open",
      subscriptionId,
      cors: { origins: ["*"], exposedHeaders: ["X-Total"], maxAgeSeconds: 0 },
    },
    CORS,
  );
  expect(api.cors).toMatchObject({ origins: ["*"], exposedHeaders: ["x-total"], maxAgeSeconds: 0 });
});

it("says what is wrong with a policy, all at once, and changes nothing", async () => {
  const { api } = await f.api(subscriptionId);
  const { userErrors } = await update(api.id, {
    origins: ["*", "app.example.com", "null", "https://a.example/path"],
    methods: ["GET POST"],
    headers: ["*"],
    credentials: true,
    maxAgeSeconds: 100_000,
  });
  expect(
    userErrors.map(
      ({ code, field }: { code: string; field: string[] }) => `${code} ${field.slice(2).join(".")}`,
    ),
  ).toEqual([
    "INVALID origins.1",
    "INVALID origins.2",
    "INVALID origins.3",
    "INVALID credentials",
    "INVALID methods.0",
    "INVALID headers.0",
    "INVALID maxAgeSeconds",
  ]);
  const none = await update(api.id, { origins: [] });
  expect(none.userErrors).toMatchObject([{ code: "REQUIRED", field: ["input", "cors", "origins"] }]);
  const many = await update(api.id, {
    origins: Array.from({ length: 101 }, (_, i) => `https://a${i}.example`),
  });
  expect(many.userErrors).toMatchObject([{ code: "TOO_MANY" }]);
  const { api: kept } = await f.run(`query($id: ID!) { api(id: $id) { version cors { origins } } }`, {
    id: api.id,
  });
  expect(kept).toEqual({ version: api.version, cors: null });
});
