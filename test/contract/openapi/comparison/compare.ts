/** Sends the same requests to a node and to the independent validator, and tells where they disagree. */
import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { aKey, anApi, anIntegration, aRoute, served, type TestKey, Upstream } from "@latchkey/testkit";
import { SmallNode } from "../../../fault/support/small-node.js";
import { type DocumentOperation, type Json, operationsOf } from "./document-operations.js";
import { type GeneratedRequest, RequestGenerator } from "./generated-request.js";
import { IndependentValidator } from "./independent-validator.js";
import { Random } from "./random.js";

export interface Verdict {
  readonly isTaken: boolean;
  readonly status: number;
  /** The reason of a refusal. */
  readonly reason: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Comparison {
  readonly document: string;
  readonly is30: boolean;
  readonly operation: DocumentOperation;
  readonly request: GeneratedRequest;
  readonly ours: Verdict;
  readonly theirs: Verdict;
}

export interface ComparedDocument {
  readonly name: string;
  readonly document: Json;
}

const WIDTH = 8;

/** Each document is an API of one node. @param count valid requests for each document, and as many mutated ones */
export async function compareAll(
  documents: readonly ComparedDocument[],
  count: number,
  seed: number,
): Promise<Comparison[]> {
  await using upstream = await Upstream.start({ behaviour: () => ({ body: "taken" }) });
  const keys: TestKey[] = documents.map((_, i) => aKey(`key_${i}`, `api_${i}`));
  const operations = documents.map(({ document }) => operationsOf(document));
  await using node = await SmallNode.start(
    served(
      anIntegration("int_1", upstream.url),
      ...documents.map((_, i) =>
        anApi(
          `api_${i}`,
          (operations[i] ?? []).map(
            ({ method, pattern, schemas: { schemas: _, responses: __, ...operation } }) => ({
              ...aRoute(method, pattern, "int_1"),
              validate: true,
              operation: JSON.stringify(operation),
            }),
          ),
          { schemas: JSON.stringify(operations[i]?.[0]?.schemas.schemas ?? {}) },
        ),
      ),
      ...keys.map((key) => key.resource),
    ),
  );
  const all: Comparison[] = [];
  const agent = new Agent({ keepAlive: true, maxSockets: WIDTH * 2 });
  for (const [i, { name, document }] of documents.entries()) {
    await using independent = await IndependentValidator.start(document);
    const cases = casesOf(operations[i] ?? [], count, new Random(seed + i));
    const secret = keys[i]?.secret ?? "";
    let next = 0;
    const work = async (): Promise<void> => {
      for (let at = next++; at < cases.length; at = next++) {
        const [operation, given] = cases[at] as (typeof cases)[number];
        const [ours, theirs] = await Promise.all([
          send(agent, node.port, { ...given, headers: { ...given.headers, "connxio-api-key": secret } }),
          send(agent, independent.port, given),
        ]);
        all.push({
          document: name,
          is30: String(document.openapi).startsWith("3.0"),
          operation,
          request: given,
          ours,
          theirs,
        });
      }
    };
    await Promise.all(Array.from({ length: WIDTH }, work));
  }
  agent.destroy();
  return all;
}

export function casesOf(
  operations: readonly DocumentOperation[],
  count: number,
  random: Random,
): (readonly [DocumentOperation, GeneratedRequest])[] {
  const cases: (readonly [DocumentOperation, GeneratedRequest])[] = [];
  for (let n = 0; n < count; n++) {
    const operation = random.pick(operations);
    cases.push([operation, new RequestGenerator(operation, random).valid()]);
  }
  for (let n = 0, tries = 0; n < count && tries < count * 20; tries++) {
    const operation = random.pick(operations);
    const mutated = new RequestGenerator(operation, random).mutated();
    if (mutated === null) continue;
    cases.push([operation, mutated]);
    n++;
  }
  return cases;
}

export function send(agent: Agent, port: number, given: GeneratedRequest): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    const body = given.body === null ? null : Buffer.from(given.body);
    const outgoing = request(
      {
        agent,
        host: "127.0.0.1",
        port,
        method: given.method,
        path: given.target,
        headers: { ...given.headers, ...(body === null ? {} : { "content-length": body.length }) },
      },
      (response) => {
        const pieces: Buffer[] = [];
        response.on("data", (piece: Buffer) => pieces.push(piece));
        response.on("end", () => {
          const status = response.statusCode ?? 0;
          resolve({
            isTaken: status < 400,
            status,
            reason: status < 400 ? "" : Buffer.concat(pieces).toString(),
            headers: response.headers,
          });
        });
      },
    );
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      // The server closed a connection that was idle.
      if (outgoing.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE"))
        resolve(send(agent, port, given));
      else reject(error);
    });
    outgoing.end(body ?? undefined);
  });
}
