/** The thread of a CheckPool: checks one request or response after the other, and may be ended at any time. */
import { parentPort, workerData } from "node:worker_threads";
import type { CheckSubject, FromCheckThread, ThreadVerdict, ToCheckThread } from "./check-messages.js";
import { compileValidator, type OperationValidator } from "./operation-validator.js";
import { costlyBody, costlyHead } from "./request-validator.js";
import { costlyResponse, type ResponseVerdict } from "./response-validator.js";
import type { JsonObject } from "./schema-keywords.js";

const { bodyBytesMax } = workerData as { readonly bodyBytesMax: number };
/** What operations of an API share, parsed: their owner says when one is forgotten. */
const sharedSchemas = new Map<number, JsonObject>();
const validators = new Map<number, OperationValidator | "unusable">();

parentPort?.on("message", (message: ToCheckThread) => {
  if (message.kind === "forget") {
    validators.delete(message.schemasId);
    return;
  }
  if (message.kind === "forgetShared") {
    sharedSchemas.delete(message.sharedId);
    return;
  }
  const { schemasId, schemas, shared, subject } = message;
  if (schemas !== null) {
    const compiled = compileValidator(
      shared === null ? schemas : { ...schemas, schemas: sharedOf(shared.id, shared.text) },
      { decompressedBytesMax: bodyBytesMax },
    );
    validators.set(schemasId, compiled.ok ? compiled.value : "unusable");
    send({ kind: "compiled" });
  }
  const validator = validators.get(schemasId) ?? "unusable";
  if (validator === "unusable") send({ kind: "checked", verdict: "unusable" });
  // What throws ends the thread: the pool gives the check its verdict.
  else send({ kind: "checked", verdict: verdictOf(validator, subject) });
});

function sharedOf(id: number, text: string | null): JsonObject {
  let parsed = sharedSchemas.get(id);
  if (parsed === undefined) {
    parsed = JSON.parse(text ?? "{}") as JsonObject;
    sharedSchemas.set(id, parsed);
  }
  return parsed;
}

function verdictOf({ request, response }: OperationValidator, subject: CheckSubject): ThreadVerdict {
  switch (subject.kind) {
    case "head": {
      const verdict = request.checkHead(subject.head);
      return verdict === "later" ? costlyHead : verdict;
    }
    case "body": {
      const verdict = request.checkBody(subject.head, subject.body);
      return verdict === "later" ? costlyBody : verdict;
    }
    case "responseHead":
      return issuesOf(response.checkHead(subject.head));
    case "response":
      return issuesOf(response.checkBody(subject.head, subject.body));
  }
}

function issuesOf(verdict: ResponseVerdict): ThreadVerdict {
  const issues = verdict === "later" ? costlyResponse : verdict;
  return issues.length === 0 ? null : { issues };
}

function send(message: FromCheckThread): void {
  parentPort?.postMessage(message);
}

send({ kind: "ready" });
