/** The thread of a CheckPool: checks one request after the other, and may be ended at any time. */
import { parentPort } from "node:worker_threads";
import type { FromCheckThread, ToCheckThread } from "./check-messages.js";
import { compileRequestValidator, type RequestValidator } from "./request-validator.js";

const validators = new Map<number, RequestValidator | "unusable">();

parentPort?.on("message", (message: ToCheckThread) => {
  if (message.kind === "forget") {
    validators.delete(message.schemasId);
    return;
  }
  const { schemasId, schemas, head, body } = message;
  if (schemas !== null) {
    const compiled = compileRequestValidator(schemas);
    validators.set(schemasId, compiled.ok ? compiled.value : "unusable");
    send({ kind: "compiled" });
  }
  const validator = validators.get(schemasId) ?? "unusable";
  if (validator === "unusable") send({ kind: "checked", verdict: "unusable" });
  else
    send({
      kind: "checked",
      verdict: body === null ? validator.checkHead(head) : validator.checkBody(head, body),
    });
});

function send(message: FromCheckThread): void {
  parentPort?.postMessage(message);
}

send({ kind: "ready" });
