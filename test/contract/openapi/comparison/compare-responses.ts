/** Holds the same responses to their operation as a node does and as an independent validator does. */
import { Agent, request } from "node:http";
import { compileValidator, type OperationValidator } from "@latchkey/validation";
import type { ComparedDocument } from "./compare.js";
import { type DocumentOperation, operationsOf } from "./document-operations.js";
import { RequestGenerator } from "./generated-request.js";
import { IndependentValidator, RESPONSE_HEADER } from "./independent-validator.js";
import { Random } from "./random.js";

export interface GeneratedResponse {
  readonly status: number;
  readonly contentType: string;
  /** JSON. */
  readonly body: string;
  /** What was made wrong; null: nothing. */
  readonly mutation: string | null;
}

export interface ResponseComparison {
  readonly document: string;
  readonly is30: boolean;
  readonly operation: DocumentOperation;
  readonly response: GeneratedResponse;
  /** What is wrong with it; null: nothing. */
  readonly ours: string | null;
  readonly theirs: string | null;
}

/** @param count responses for each document that fit, and as many mutated ones */
export async function compareResponses(
  documents: readonly ComparedDocument[],
  count: number,
  seed: number,
): Promise<ResponseComparison[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const all: ResponseComparison[] = [];
  for (const [i, { name, document }] of documents.entries()) {
    await using independent = await IndependentValidator.start(document, { validateResponses: true });
    const random = new Random(seed + i);
    const operations = operationsOf(document).filter(
      (operation) => operation.method !== "HEAD" && describedOf(operation).length > 0,
    );
    if (operations.length === 0) continue;
    const check = ownChecks();
    const cases = Array.from({ length: count * 2 }, (_, n) => {
      const operation = random.pick(operations);
      return { operation, response: generated(operation, random, n >= count) };
    });
    const theirs = await Promise.all(
      cases.map(({ operation, response }) => independentIssue(agent, independent.port, operation, response)),
    );
    for (const [n, { operation, response }] of cases.entries())
      all.push({
        document: name,
        is30: String(document.openapi).startsWith("3.0"),
        operation,
        response,
        ours: check(operation, response),
        theirs: theirs[n] ?? null,
      });
  }
  agent.destroy();
  return all;
}

interface Described {
  readonly status: number;
  readonly contentType: string;
  readonly schema: unknown;
}

/** JSON responses that the operation describes. */
function describedOf({ schemas: { responses = {} } }: DocumentOperation): Described[] {
  return Object.entries(responses).flatMap(([status, { content = {} }]) =>
    Object.entries(content)
      .filter(([range]) => /^application\/([^;*]+\+)?json$/.test(range))
      .map(([contentType, { schema }]) => ({ status: statusOf(status, responses), contentType, schema })),
  );
}

/** For "default" one that nothing else is said of. */
function statusOf(status: string, responses: object): number {
  if (/^\d{3}$/.test(status)) return Number(status);
  const candidates = status === "default" ? [418, 507, 299] : [Number(`${status[0]}99`)];
  const isFree = (one: number) => !(String(one) in responses || `${Math.floor(one / 100)}XX` in responses);
  return candidates.find((one) => status !== "default" || isFree(one)) ?? 418;
}

function generated(operation: DocumentOperation, random: Random, isMutated: boolean): GeneratedResponse {
  const { status, contentType, schema } = random.pick(describedOf(operation));
  const generator = new RequestGenerator(operation, random, "response");
  const value = generator.valueOf(schema);
  const fit = { status, contentType, body: JSON.stringify(value), mutation: null };
  if (!isMutated) return fit;
  if (random.chance(0.1)) return { ...fit, status: 299, mutation: "status 299" };
  if (random.chance(0.1))
    return { ...fit, contentType: "application/x-unheard-of+json", mutation: "content type unknown" };
  const mutated = generator.mutatedValue(value);
  return { ...fit, body: JSON.stringify(mutated.value), mutation: mutated.mutation };
}

/** What a node finds. Compiles each operation once. */
function ownChecks(): (operation: DocumentOperation, response: GeneratedResponse) => string | null {
  const validators = new Map<DocumentOperation, OperationValidator["response"]>();
  return (operation, { status, contentType, body }) => {
    let validator = validators.get(operation);
    if (validator === undefined) {
      const compiled = compileValidator(operation.schemas);
      if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
      validator = compiled.value.response;
      validators.set(operation, validator);
    }
    const head = { status, contentType, contentEncoding: null, headers: [], hasBody: true };
    const inHead = validator.checkHead(head);
    const inBody = validator.needsBody(head) ? validator.checkBody(head, Buffer.from(body)) : [];
    if (inHead === "later" || inBody === "later") throw new Error("the check was given up");
    const issues = [
      // Headers are not generated.
      ...inHead.filter((issue) => issue.in === "status" || issue.pointer === "/content-type"),
      ...inBody,
    ];
    return issues.length === 0
      ? null
      : issues.map((issue) => `${issue.in} ${issue.pointer} ${issue.detail}`).join("; ");
  };
}

function independentIssue(
  agent: Agent,
  port: number,
  operation: DocumentOperation,
  response: GeneratedResponse,
): Promise<string | null> {
  const { method, path } = operation;
  return new Promise((resolve, reject) => {
    const body = Buffer.from(Buffer.from(JSON.stringify(response)).toString("base64"));
    const outgoing = request(
      {
        agent,
        host: "127.0.0.1",
        port,
        method,
        path: path.replace(/\{[^{}]*\}/g, "1"),
        headers: {
          [RESPONSE_HEADER]: "in-body",
          "content-type": "text/plain",
          "content-length": body.length,
        },
      },
      (incoming) => {
        const pieces: Buffer[] = [];
        incoming.on("data", (piece: Buffer) => pieces.push(piece));
        incoming.on("end", () => {
          const refusal = incoming.headers["x-refused"];
          resolve(refusal === undefined ? null : decodeURIComponent(String(refusal)));
        });
      },
    );
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      // The server closed a connection that was idle.
      if (outgoing.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE"))
        resolve(independentIssue(agent, port, operation, response));
      else reject(error);
    });
    outgoing.end(body);
  });
}
