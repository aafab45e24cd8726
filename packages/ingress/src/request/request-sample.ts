/** A request as the message trail gets it. Never a key's secret or a query; headers and bodies of APIs that record them alone. */
import { hideApiKeys, type IngressErrorCode } from "@latchkey/core";
import type { RequestSample } from "../usage/request-samples.js";
import type { RequestContext } from "./request-context.js";
import type { Transfer } from "./transfer.js";

const PATH_CHARS_MAX = 256;
/** A client may send any token for a method. */
const METHOD_CHARS_MAX = 32;

/** @param nowMs the control plane's time @param durationMs since the request's arrival @param transfer null: it was refused */
export function requestSample(
  context: RequestContext,
  status: number,
  errorCode: IngressErrorCode | null,
  nowMs: number,
  durationMs: number,
  transfer: Transfer | null,
): RequestSample {
  const { key, route, revision } = context;
  const { method, path, query, fields } = context.request.head;
  return {
    atMs: BigInt(Math.round(nowMs - durationMs)),
    interchangeId: context.interchangeId,
    apiId: key?.api.id ?? "",
    keyId: key?.id ?? "",
    routeId: route?.id ?? "",
    integrationId: route?.integration.id ?? "",
    method: method.slice(0, METHOD_CHARS_MAX),
    path: hideApiKeys(path).slice(0, PATH_CHARS_MAX),
    status,
    errorCode: errorCode ?? "",
    durationUs: Math.min(Math.round(durationMs * 1_000), 0xffff_ffff),
    epoch: BigInt(revision?.epoch ?? 0),
    number: BigInt(revision?.number ?? 0),
    requestBytes: BigInt(transfer?.requestBytes ?? 0),
    responseBytes: BigInt(context.ownBodyBytes + (transfer?.responseBytes ?? 0)),
    attempts: transfer?.attempts() ?? [],
    content: context.recorder?.content({
      method: method.slice(0, METHOD_CHARS_MAX),
      target: query === "" ? path : `${path}?${query}`,
      headers: fields,
    }),
  };
}
