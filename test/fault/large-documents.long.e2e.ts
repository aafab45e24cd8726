/** A document at the limits goes in, out, in again and into many APIs, beside an operator and clients of a node. */
import { Upstream } from "@latchkey/testkit";
import { expect } from "vitest";
import { enforced, makeApi, makeIntegration, makeSubscription, mutate } from "../support/seed.js";
import { Stack } from "../support/stack.js";
import { fault } from "./support/fault.js";
import { rounds } from "./support/mode.js";
import { type ReceivedResponse, type Shot, shoot, Traffic } from "./support/traffic.js";

const OPERATIONS = rounds(500, 5_000);
const TAGS = 50;
/** Of the document without blanks. Its export, indented and with the gateway's own responses, fits the 16 MiB of an import. */
const BYTES = rounds(1.2, 11.5) * 1024 * 1024;

/** As generators write them: shared schemas, examples, and descriptions that take most of the room. */
function largeDocument(serverUrl: string): string {
  const schemaName = (k: number) => `Model${k % Math.ceil(OPERATIONS / 3)}`;
  const operation = (k: number, description: string) => ({
    operationId: `operation${k}`,
    tags: [`Group ${k % TAGS}`],
    summary: `Operation ${k}`,
    description,
    parameters: [
      { name: "id", in: "path", required: true, schema: { type: "integer", minimum: 1 } },
      { name: "limit", in: "query", schema: { $ref: "#/components/schemas/Limit" } },
    ],
    responses: {
      200: {
        description: "Found",
        content: { "application/json": { schema: { $ref: `#/components/schemas/${schemaName(k)}` } } },
      },
      404: { description: "There is none" },
    },
  });
  const documentOf = (description: string) => {
    const schemas: Record<string, unknown> = { Limit: { type: "integer", minimum: 1, maximum: 100 } };
    for (let k = 0; k < OPERATIONS; k++)
      schemas[schemaName(k)] = {
        type: "object",
        required: ["name"],
        properties: {
          name: { type: "string", maxLength: 50 },
          next: { $ref: `#/components/schemas/${schemaName(k + 1)}` },
        },
      };
    const paths = Object.fromEntries(
      Array.from({ length: OPERATIONS }, (_, k) => [
        `/group${k % TAGS}/{id}/item${k}`,
        { get: operation(k, description) },
      ]),
    );
    return JSON.stringify({
      openapi: "3.1.0",
      info: { title: "Large", version: "v1" },
      servers: [{ url: serverUrl }],
      paths,
      components: { schemas },
    });
  };
  const perOperation = Math.floor((BYTES - documentOf("").length) / OPERATIONS);
  return documentOf("lorem ipsum ".repeat(perOperation / 12).trim());
}

interface Imported {
  readonly api: { readonly id: string } | null;
  readonly secret: string | null;
  readonly apis: readonly { readonly secret: string | null }[];
  readonly routes: readonly object[];
  readonly notes: readonly object[];
}

const SELECTION = "api { id } secret apis { secret } routes { fate } notes { code pointer message }";

fault(
  {
    row: "79",
    fault: `a document of ${Math.round(BYTES / 1024 / 1024)} MiB and ${OPERATIONS} operations is imported, exported, imported again and split`,
    holds: "nothing of it is lost; other clients of both planes get their responses meanwhile",
    target: "0 failed; longest wait of another client of the control plane 50 ms",
  },
  async () => {
    await using upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
    await using stack = await Stack.start();
    const subscriptionId = await makeSubscription(stack);
    const others = await makeSubscription(stack, "others");
    const integrationId = await makeIntegration(stack, others, "other", `${upstream.url}/`);
    const other = await makeApi(stack, others, "Other", [{ method: "GET", path: "/a", integrationId }]);
    await enforced(stack, other.revision);

    const document = largeDocument(upstream.url);
    const imported = async (input: object) => {
      const more = { subscriptionId, integrations: "FROM_SERVERS", ...input };
      const payload = await mutate<Imported>(stack, "importOpenApi", more, SELECTION);
      for (const { secret } of payload.apis) if (secret !== null) stack.secrets.add(secret);
      return payload;
    };
    const exported = async (id: string, version: string, format: string): Promise<string> => {
      const { api } = await stack.graphql<{ api: { openapi: string } }>(
        `query($id: ID!) { api(id: $id) { openapi(version: ${version}, format: ${format}) } }`,
        { id },
      );
      return api.openapi;
    };

    const question: Shot = {
      url: stack.graphqlUrl,
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${stack.adminToken}` },
      body: JSON.stringify({
        query: "query($id: ID!) { api(id: $id) { title keys { nodes { name } } } }",
        variables: { id: other.id },
      }),
      judge: ({ status, body }: ReceivedResponse) =>
        status === 200 && !body.includes('"errors"') ? null : body,
    };
    const operator = new Traffic(1, () => question, 5);
    const clients = new Traffic(2, () => ({ url: `${stack.ingress.url}/a`, key: other.secret }), 5);
    const waits: string[] = [];
    const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
      operator.forgetLatencies();
      clients.forgetLatencies();
      const startedMs = performance.now();
      const value = await work();
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
      const longestMs = [operator, clients].map(({ report }) => report.maxMs.toFixed(0)).join(" and ");
      waits.push(`${name} in ${seconds} s (${longestMs} ms)`);
      return value;
    };

    await step("nothing yet", () => operator.more(100));
    const plan = await step("dry run", () => imported({ document, dryRun: true }));
    expect(plan.routes).toHaveLength(OPERATIONS);
    const first = await step("import", () => imported({ document, validate: "ON" }));
    expect(first.routes).toHaveLength(OPERATIONS);
    const id = first.api?.id ?? "";
    await step("nodes", () => enforced(stack, first.revision));
    const last = `${stack.ingress.url}/group${(OPERATIONS - 1) % TAGS}/7/item${OPERATIONS - 1}`;
    const key = first.secret ?? "";
    expect((await shoot({ url: `${last}?limit=5`, key })).body).toBe("well");
    expect((await shoot({ url: `${last}?limit=500`, key })).status).toBe(422);

    const texts: string[] = [];
    for (const version of ["V3_0", "V3_1"])
      for (const format of ["JSON", "YAML"])
        texts.push(await step(`${version} as ${format}`, () => exported(id, version, format)));
    const [, , newest = ""] = texts;
    for (const text of texts)
      expect(text.split("lorem ipsum").length).toBe(document.split("lorem ipsum").length);
    expect(newest.length).toBeLessThanOrEqual(16 * 1024 * 1024);

    const again = await step("import of the export", () =>
      imported({ document: newest, serverUrl: upstream.url, pathPrefix: "" }),
    );
    expect(again.notes).toEqual([]);
    expect(again.routes).toHaveLength(OPERATIONS);
    expect(await exported(again.api?.id ?? "", "V3_1", "JSON")).toBe(newest);

    const split = await step("split by tag", () => imported({ document, split: "TAG" }));
    expect(split.apis).toHaveLength(TAGS);
    await enforced(stack, split.revision);

    const [asked, served] = [await operator.stop(), await clients.stop()];
    expect([...asked.reasons, ...served.reasons]).toEqual([]);
    return `${waits.join("; ")} (in brackets: the longest wait of an operator and of clients of the node); ${asked.sent} queries and ${served.sent} requests, 0 failed`;
  },
  { isLong: true, timeoutMs: 1_800_000 },
);
