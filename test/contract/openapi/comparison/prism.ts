/**
 * Prism as a proxy before a node, with the document that Latchkey writes of the API: what it finds in requests that fit,
 * and in any response.
 */
import { writeFileSync } from "node:fs";
import { Agent } from "node:http";
import { join } from "node:path";
import { emit, fromOpenApi, type JsonObject, type RouteModel, toOpenApi } from "@latchkey/openapi";
import { aKey, anApi, anIntegration, aRoute, served, startProcess, Upstream } from "@latchkey/testkit";
import { schemaFault } from "@latchkey/validation";
import { SmallNode } from "../../../fault/support/small-node.js";
import { casesOf, send } from "./compare.js";
import { prismDecisions } from "./decisions.js";
import { type Json, operationsOf } from "./document-operations.js";
import { RequestGenerator } from "./generated-request.js";
import { Random } from "./random.js";

const prismCommand = join(import.meta.dirname, "../../../../node_modules/@stoplight/prism-cli/dist/index.js");

export interface PrismResult {
  readonly requests: number;
  /** Responses of the gateway itself, by code. */
  readonly ofGateway: ReadonlyMap<string, number>;
  /** Violations in responses, and in requests that fit and were taken. */
  readonly violations: readonly string[];
}

interface Violation {
  readonly location: readonly string[];
  readonly message: string;
}

/** @param dir for the document */
export async function checkedByPrism(
  document: Json,
  count: number,
  seed: number,
  dir: string,
): Promise<PrismResult> {
  const key = aKey("key_1", "api_1");
  const { model } = fromOpenApi(document as JsonObject, { schemaFault: (schema) => schemaFault(schema) });
  if (model === null) throw new Error("the document cannot be read");
  const random = new Random(seed);
  // The API's document has the paths of its routes.
  const operations = operationsOf(document).map((one) => ({ ...one, path: one.pattern }));
  const routes = model.routes;
  /** A response as the document describes it, by the route's place. */
  const responseOf = (at: number) => {
    const [status = "200", response] =
      Object.entries(routes[at]?.operation?.responses ?? {}).find(([code]) => /^2\d\d$/.test(code)) ?? [];
    const schema = response?.content?.["application/json"]?.schema;
    const generator = new RequestGenerator(operations[0] as never, random);
    return schema === undefined
      ? { status: Number(status) }
      : {
          status: Number(status),
          headers: ["Content-Type", "application/json"],
          body: JSON.stringify(generator.valueOf(schema)),
        };
  };
  await using upstream = await Upstream.start({
    behaviour: ({ target }) => responseOf(Number(/\d+/.exec(target)?.[0])),
  });
  await using node = await SmallNode.start(
    served(
      ...routes.map((_, i) => anIntegration(`int_${i}`, `${upstream.url}/${i}`)),
      anApi(
        "api_1",
        routes.map(({ method, path, operation }: RouteModel, i) => ({
          ...aRoute(method, path, `int_${i}`),
          validate: true,
          operation: JSON.stringify(operation ?? {}),
        })),
        { schemas: JSON.stringify(model.schemas ?? {}) },
      ),
      key.resource,
    ),
  );
  const exported = toOpenApi(
    { ...model, serverUrl: node.url, routes: routes.map((route) => ({ ...route, validate: true })) },
    { version: "3.1" },
  );
  const file = join(dir, "document.json");
  writeFileSync(file, emit(exported, "json"));
  await using prism = startProcess({ args: [prismCommand, "proxy", file, node.url, "--port", "0"] });
  const port = await prism.waitFor((stdout) => /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(stdout)?.[1]);
  const agent = new Agent({ keepAlive: true });
  const ofGateway = new Map<string, number>();
  const violations: string[] = [];
  const cases = casesOf(operations, count, random);
  for (const [i, [, given]] of cases.entries()) {
    // Each tenth comes without a key.
    const headers = i % 10 === 9 ? given.headers : { ...given.headers, "connxio-api-key": key.secret };
    const verdict = await send(agent, Number(port), { ...given, headers });
    const code = verdict.headers["latchkey-error"];
    if (typeof code === "string") ofGateway.set(code, (ofGateway.get(code) ?? 0) + 1);
    for (const { location, message } of violationsOf(verdict.headers["sl-violations"])) {
      const isOurs = location[0] === "response" || (given.mutation === null && verdict.isTaken);
      const text = `${location.join("/")}: ${message}`;
      if (isOurs && !prismDecisions.some(({ pattern }) => pattern.test(text)))
        violations.push(
          `${given.method} ${given.target} ${given.body ?? ""} (${given.mutation ?? "valid"}) → ${verdict.status} ${code ?? ""}: ${text} ${verdict.reason}`,
        );
    }
  }
  agent.destroy();
  return { requests: cases.length, ofGateway, violations };
}

function violationsOf(header: string | string[] | undefined): readonly Violation[] {
  return typeof header === "string" ? (JSON.parse(header) as Violation[]) : [];
}
