/** Resources ⇄ protobuf: with the other codecs beside it the only mapper in the repository. Checks form and references' presence, not their targets. */
import {
  type CorsPolicy,
  err,
  isToken,
  KEY_DIGEST_BYTES,
  noIpRules,
  ok,
  parseMaskPath,
  parseRoutePattern,
  type Result,
} from "@latchkey/core";
import {
  ApiBody,
  BinaryReader,
  IntegrationBody,
  KeyBody,
  ParameterPlace,
  type RouteBody,
  type RouteParameter,
  CorsPolicy as WireCorsPolicy,
  KeyMode as WireKeyMode,
  LoadBalancing as WireLoadBalancing,
  type Revision as WireRevision,
} from "@latchkey/proto";
import { decodeCredential, encodeCredential } from "./credential-codec.js";
import type { DecodeError } from "./decode-error.js";
import {
  type ApiResource,
  type IntegrationResource,
  type KeyResource,
  METHOD_AS_RECEIVED,
  noLimits,
  type Resource,
  type ResourceRecord,
  type ResponseValidation,
  type RouteValue,
} from "./resource.js";
import type { Revision } from "./revision.js";
import {
  corsToWire,
  headerRulesFromWire,
  headerRulesToWire,
  ipRulesFault,
  ipRulesToWire,
  rateLimitFromWire,
  rateLimitToWire,
  recordingToWire,
  unknownAction,
} from "./rules-codec.js";

export function revisionToWire(revision: Revision): WireRevision {
  return { epoch: BigInt(revision.epoch), number: BigInt(revision.number) };
}

export function revisionFromWire(revision: WireRevision): Revision {
  return { epoch: Number(revision.epoch), number: Number(revision.number) };
}

/** The record of a resource; equal resources give equal bytes. */
export function encodeResource(resource: Resource): ResourceRecord {
  return { kind: resource.kind, id: resource.id, body: encodeBody(resource) };
}

/** The resource of a record. An unknown kind, a damaged body or a missing field is an error that names itself. */
export function decodeResource(record: ResourceRecord): Result<Resource, DecodeError> {
  try {
    switch (record.kind) {
      case "api":
        return decodeApi(record);
      case "integration":
        return decodeIntegration(record);
      case "key":
        return decodeKey(record);
      case "credential":
        return decodeCredential(record);
      default:
        return err({ reason: `unknown kind "${record.kind}": this node is older than the control plane` });
    }
  } catch (cause) {
    return err({ reason: `damaged body: ${cause instanceof Error ? cause.message : "not protobuf"}` });
  }
}

function encodeBody(resource: Resource): Uint8Array {
  switch (resource.kind) {
    case "api":
      return ApiBody.encode({
        subscriptionId: resource.subscriptionId,
        title: resource.title,
        versionLabel: resource.versionLabel,
        routes: resource.routes.map(routeToWire),
        openapiJson: Buffer.from(resource.openapiJson ?? []),
        bearerRequired: resource.bearerRequired,
        schemas: resource.schemas ?? "",
        cors: resource.cors === null ? undefined : corsToWire(resource.cors),
        ipRules: ipRulesToWire(resource.ipRules),
        rateLimit: rateLimitToWire(resource.rateLimit),
        quota: rateLimitToWire(resource.quota),
        recording: recordingToWire(resource.recording),
      }).finish();
    case "integration":
      return IntegrationBody.encode({
        subscriptionId: resource.subscriptionId,
        name: resource.name,
        urls: resource.credentialIds.length === 0 ? [...resource.urls] : [],
        method: resource.method === METHOD_AS_RECEIVED ? "" : resource.method,
        limits: {
          ...resource.limits,
          requestBodyBytesMax: BigInt(resource.limits.requestBodyBytesMax),
          responseBodyBytesMax: BigInt(resource.limits.responseBodyBytesMax),
        },
        loadBalancing:
          resource.loadBalancing === "least-requests"
            ? WireLoadBalancing.LEAST_REQUESTS
            : WireLoadBalancing.ROUND_ROBIN,
        healthCheck: resource.healthCheck === null ? undefined : { ...resource.healthCheck },
        circuitBreaker: resource.circuitBreaker === null ? undefined : { ...resource.circuitBreaker },
        retry: { ...resource.retry },
        requestSchema: resource.requestSchema ?? "",
        requestContentTypes: [...resource.requestContentTypes],
        forwardAuthorization: resource.forwardAuthorization,
        webSockets: resource.webSockets,
        methodAsReceived: resource.method === METHOD_AS_RECEIVED,
        responseSchema: resource.responseSchema ?? "",
        responseContentTypes: [...resource.responseContentTypes],
        headerRules: headerRulesToWire(resource.headerRules),
        spelledHeaders: [...resource.spelledHeaders],
        credentialIds: [...resource.credentialIds],
        credentialUrls: resource.credentialIds.length === 0 ? [] : [...resource.urls],
        rateLimit: rateLimitToWire(resource.rateLimit),
        quota: rateLimitToWire(resource.quota),
      }).finish();
    case "key":
      return KeyBody.encode({
        apiId: resource.apiId,
        active: resource.active,
        mode: resource.mode === "webhook" ? WireKeyMode.WEBHOOK : WireKeyMode.HEADER,
        expiresAtMs: BigInt(resource.expiresAtMs),
        secrets: resource.secrets.map((secret) => ({
          digest: Buffer.from(secret.digest),
          notAfterMs: BigInt(secret.notAfterMs),
        })),
        rateLimit: rateLimitToWire(resource.rateLimit),
        quota: rateLimitToWire(resource.quota),
        name: resource.name,
        ipRules: ipRulesToWire(resource.ipRules),
        scopes: resource.scopes.map((scope) => ({ ...scope })),
      }).finish();
    case "credential":
      return encodeCredential(resource);
  }
}

function decodeApi(record: ResourceRecord): Result<ApiResource, DecodeError> {
  const body = ApiBody.decode(record.body);
  for (const route of body.routes) {
    if (route.id === "" || route.method === "" || route.pattern === "" || route.integrationId === "")
      return err({ reason: `route "${route.id}" lacks its method, pattern or integration` });
    for (const { place } of route.parameters) {
      if (place !== ParameterPlace.PATH && place !== ParameterPlace.QUERY)
        return err({ reason: `unknown parameter place ${place}: this node is older than the control plane` });
    }
    if (responseValidations[route.responseValidation] === undefined)
      return err({
        reason: `unknown response validation ${route.responseValidation}: this node is older than the control plane`,
      });
    const unknown = unknownAction(route.headerRules);
    if (unknown !== null) return err(unknown);
  }
  const ipFault = ipRulesFault(body.ipRules);
  if (ipFault !== null) return err(ipFault);
  for (const path of body.recording?.mask ?? []) {
    const parsed = parseMaskPath(path);
    // What could not be masked is not recorded: the API is refused by name.
    if (!parsed.ok) return err({ reason: `mask ${path}: ${parsed.error}` });
  }
  return ok({
    kind: "api",
    id: record.id,
    subscriptionId: body.subscriptionId,
    title: body.title,
    versionLabel: body.versionLabel,
    routes: body.routes.map(routeFromWire),
    openapiJson: body.openapiJson.length === 0 ? null : body.openapiJson,
    bearerRequired: body.bearerRequired,
    schemas: body.schemas === "" ? null : body.schemas,
    cors: body.cors ?? null,
    ipRules: body.ipRules ?? noIpRules,
    rateLimit: rateLimitFromWire(body.rateLimit),
    quota: rateLimitFromWire(body.quota),
    recording:
      body.recording === undefined
        ? null
        : { untilMs: Number(body.recording.untilMs), mask: body.recording.mask },
  });
}

const CORS_TAG = (8 << 3) | 2;

/**
 * The CORS policy of an API's record, without decoding its routes: a node needs it before the first request names the API.
 * Null where there is none, or where the body is damaged.
 */
export function corsPolicyOf({ body }: ResourceRecord): CorsPolicy | null {
  const reader = new BinaryReader(body);
  try {
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag === CORS_TAG) return WireCorsPolicy.decode(reader, reader.uint32());
      reader.skip(tag & 7);
    }
  } catch {
    return null; // decodeResource says what is wrong with it
  }
  return null;
}

function decodeIntegration(record: ResourceRecord): Result<IntegrationResource, DecodeError> {
  const body = IntegrationBody.decode(record.body);
  const urls = body.credentialIds.length === 0 ? body.urls : body.credentialUrls;
  if (urls.length === 0) return err({ reason: "an integration needs at least one URL" });
  if (body.method === "" && !body.methodAsReceived) return err({ reason: "an integration needs a method" });
  const unknown = unknownAction(body.headerRules);
  if (unknown !== null) return err(unknown);
  return ok({
    kind: "integration",
    id: record.id,
    subscriptionId: body.subscriptionId,
    name: body.name,
    urls,
    method: body.methodAsReceived ? METHOD_AS_RECEIVED : body.method,
    limits:
      body.limits === undefined
        ? noLimits
        : {
            ...body.limits,
            requestBodyBytesMax: Number(body.limits.requestBodyBytesMax),
            responseBodyBytesMax: Number(body.limits.responseBodyBytesMax),
          },
    loadBalancing: body.loadBalancing === WireLoadBalancing.LEAST_REQUESTS ? "least-requests" : "round-robin",
    healthCheck: body.healthCheck ?? null,
    circuitBreaker: body.circuitBreaker ?? null,
    retry: body.retry ?? { attemptsMax: 0, budgetPercent: 0 },
    requestSchema: body.requestSchema === "" ? null : body.requestSchema,
    requestContentTypes: body.requestContentTypes,
    responseSchema: body.responseSchema === "" ? null : body.responseSchema,
    responseContentTypes: body.responseContentTypes,
    forwardAuthorization: body.forwardAuthorization,
    webSockets: body.webSockets,
    headerRules: headerRulesFromWire(body.headerRules),
    spelledHeaders: body.spelledHeaders,
    credentialIds: body.credentialIds,
    rateLimit: rateLimitFromWire(body.rateLimit),
    quota: rateLimitFromWire(body.quota),
  });
}

function decodeKey(record: ResourceRecord): Result<KeyResource, DecodeError> {
  const body = KeyBody.decode(record.body);
  if (body.apiId === "") return err({ reason: "a key needs its API" });
  if (body.mode !== WireKeyMode.HEADER && body.mode !== WireKeyMode.WEBHOOK)
    return err({ reason: `unknown key mode ${body.mode}: this node is older than the control plane` });
  for (const secret of body.secrets) {
    if (secret.digest.length !== KEY_DIGEST_BYTES)
      return err({ reason: `a key digest has ${KEY_DIGEST_BYTES} bytes, not ${secret.digest.length}` });
  }
  const ipFault = ipRulesFault(body.ipRules);
  if (ipFault !== null) return err(ipFault);
  for (const { method, pattern } of body.scopes)
    if (!isToken(method) || !parseRoutePattern(pattern).ok)
      return err({ reason: `the scope "${method} ${pattern}" is no method and path pattern` });
  return ok({
    kind: "key",
    id: record.id,
    name: body.name,
    apiId: body.apiId,
    active: body.active,
    mode: body.mode === WireKeyMode.WEBHOOK ? "webhook" : "header",
    expiresAtMs: Number(body.expiresAtMs),
    secrets: body.secrets.map((secret) => ({ digest: secret.digest, notAfterMs: Number(secret.notAfterMs) })),
    rateLimit: rateLimitFromWire(body.rateLimit),
    quota: rateLimitFromWire(body.quota),
    ipRules: body.ipRules ?? noIpRules,
    scopes: body.scopes,
  });
}

/** By the number of the wire's enum. */
const responseValidations: readonly ResponseValidation[] = ["off", "report", "refuse"];

function routeToWire(route: RouteValue): RouteBody {
  return {
    ...route,
    parameters: [],
    operation: route.operation ?? "",
    responseValidation: responseValidations.indexOf(route.responseValidation),
    headerRules: headerRulesToWire(route.headerRules),
    requestBodyBytesMax: BigInt(route.requestBodyBytesMax),
    rateLimit: rateLimitToWire(route.rateLimit),
    quota: rateLimitToWire(route.quota),
  };
}

function routeFromWire({ parameters, ...route }: RouteBody): RouteValue {
  return {
    ...route,
    operation: route.operation === "" ? operationOf(parameters) : route.operation,
    responseValidation: responseValidations[route.responseValidation] ?? "off",
    headerRules: headerRulesFromWire(route.headerRules),
    requestBodyBytesMax: Number(route.requestBodyBytesMax),
    rateLimit: rateLimitFromWire(route.rateLimit),
    quota: rateLimitFromWire(route.quota),
  };
}

/** Of a last-known-good file or a control plane that knows no operations. Throws when a schema is no JSON. */
function operationOf(parameters: readonly RouteParameter[]): string | null {
  if (parameters.length === 0) return null;
  return JSON.stringify({
    parameters: parameters.map(({ place, name, required, schema }) => ({
      name,
      in: place === ParameterPlace.PATH ? "path" : "query",
      required,
      schema: schema === "" ? {} : (JSON.parse(schema) as unknown),
    })),
  });
}
