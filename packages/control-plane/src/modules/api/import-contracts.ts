/**
 * What an import makes of the bodies that a document describes. An integration has one description of its bodies for
 * all its routes, so it takes the document's only where that changes nothing for anybody else; whatever is not taken is
 * told, with its place. Pure.
 */
import {
  type ImportedRoute,
  type IntegrationModel,
  type Json,
  type SpecVersion,
  toOpenApi,
} from "@latchkey/openapi";
import {
  type Example,
  type Integration,
  type IntegrationContract,
  integrationLimits,
} from "../integration/integration.js";
import { toIntegrationModel } from "./api-document.js";
import type { ImportNote } from "./import-service.js";

/**
 * `keep`: integrations stay as they are. `fill`: one that says nothing of a body takes the document's.
 * `replace`: one that says something else takes it, too.
 */
export type ContractMode = "keep" | "fill" | "replace";

export interface ContractUse {
  readonly imported: ImportedRoute;
  readonly integration: Integration;
}

export interface ContractChange {
  readonly integration: Integration;
  readonly contract: Partial<IntegrationContract>;
}

export interface ContractPlan {
  readonly changes: readonly ContractChange[];
  readonly notes: readonly ImportNote[];
}

type Side = "request" | "response";
const sides: readonly Side[] = ["request", "response"];

/** What one side of a contract says. */
interface Body {
  readonly schema: Json | undefined;
  readonly types: readonly string[];
  readonly example: Json | undefined;
}

/**
 * @param uses the document's routes with their integrations as they are
 * @param isShared whether a route that is not the document's leads to the integration as well
 */
export function planContracts(
  uses: readonly ContractUse[],
  mode: ContractMode,
  version: SpecVersion,
  isShared: (integrationId: string) => boolean,
): ContractPlan {
  const notes: ImportNote[] = [];
  const changes: ContractChange[] = [];
  const byIntegration = new Map<string, ContractUse[]>();
  for (const use of uses) {
    const list = byIntegration.get(use.integration.id);
    if (list === undefined) byIntegration.set(use.integration.id, [use]);
    else list.push(use);
  }
  for (const group of byIntegration.values()) {
    const [{ integration }] = group as [ContractUse];
    let contract: Partial<IntegrationContract> = {};
    for (const side of sides) {
      const taken = planSide(side, group, mode, version, isShared, notes);
      if (taken !== null) contract = { ...contract, ...withBody(integration, contract, side, taken) };
    }
    if (Object.keys(contract).length > 0) changes.push({ integration, contract });
  }
  return { changes, notes };
}

/** The body that the integration is to have, or null: it stays. */
function planSide(
  side: Side,
  uses: readonly ContractUse[],
  mode: ContractMode,
  version: SpecVersion,
  isShared: (integrationId: string) => boolean,
  notes: ImportNote[],
): Body | null {
  const [{ integration }] = uses as [ContractUse];
  const model = toIntegrationModel(integration);
  const own = shown(side, model, version);
  const speaking = uses
    .filter(({ imported }) => canSay(side, imported))
    .map(({ imported }) => ({ imported, text: shown(side, imported.integration, version) }));
  const others = speaking.filter(({ text }) => text !== own);
  const first = others.find(({ imported }) => saysSomething(bodyOf(side, imported.integration)));
  if (first === undefined) return null;

  const refuse = (code: string, why: string): null => {
    for (const { imported } of others) {
      if (!saysSomething(bodyOf(side, imported.integration))) continue;
      const pointer = imported.bodyPointers[side] ?? imported.pointer;
      notes.push({ severity: "documentation", code, pointer, message: `${NOT_TAKEN[side]} ${why}` });
    }
    return null;
  };
  const name = JSON.stringify(integration.name);
  const wanted = bodyOf(side, first.imported.integration);
  if (mode === "keep") return refuse("contract.kept", "Integrations are to stay as they are.");
  if (mode === "fill" && saysSomething(bodyOf(side, model)))
    return refuse("contract.kept", `The integration ${name} has its own description.`);
  if (speaking.some(({ text }) => text !== first.text))
    return refuse(
      "contract.differs",
      `Operations that lead to the integration ${name} describe different ones, and it has one for all.`,
    );
  if (isShared(integration.id))
    return refuse("contract.shared", `Other routes lead to the integration ${name} as well.`);
  if (wanted.types.length > integrationLimits.contentTypesMax)
    return refuse(
      "contract.too_large",
      `An integration has at most ${integrationLimits.contentTypesMax} content types.`,
    );
  if (JSON.stringify(wanted.schema ?? null).length > integrationLimits.schemaCharsMax)
    return refuse(
      "contract.too_large",
      `A schema has at most ${integrationLimits.schemaCharsMax} characters.`,
    );
  if (JSON.stringify(wanted.example ?? null).length <= integrationLimits.exampleCharsMax) return wanted;
  notes.push({
    severity: "documentation",
    code: "contract.too_large",
    pointer: first.imported.bodyPointers[side] ?? first.imported.pointer,
    message: `The example is not taken over. It has more than ${integrationLimits.exampleCharsMax} characters.`,
  });
  return { ...wanted, example: undefined };
}

const NOT_TAKEN = {
  request: "The description of the request's body is not taken over.",
  response: "The description of the response's body is not taken over.",
} as const;

/** Whether a document has a place for the body in such a route, so that saying nothing means something. */
function canSay(side: Side, { method }: ImportedRoute): boolean {
  if (side === "response") return method !== "HEAD";
  return method === "POST" || method === "PUT" || method === "PATCH" || method === "ANY";
}

function bodyOf(side: Side, model: IntegrationModel): Body {
  return side === "request"
    ? {
        schema: model.requestSchema,
        types: model.requestContentTypes ?? [],
        example: model.examples?.request,
      }
    : {
        schema: model.responseSchema,
        types: model.responseContentTypes ?? [],
        example: model.examples?.response,
      };
}

function saysSomething({ schema, types, example }: Body): boolean {
  return schema !== undefined || types.length > 0 || example !== undefined;
}

/** What a document of the version shows of it: two descriptions are the same when this is. */
function shown(side: Side, model: IntegrationModel, version: SpecVersion): string {
  const document = toOpenApi(
    {
      title: "",
      summary: "",
      version: "v1",
      serverUrl: null,
      webhook: false,
      routes: [
        { method: "POST", path: "/", operationId: "o", integration: { ...onlySide(side, model), name: "" } },
      ],
    },
    { version },
  );
  const { paths, components } = document as unknown as {
    readonly paths: { readonly "/": { readonly post: { requestBody: Json; responses: Json } } };
    readonly components: { readonly schemas?: Json };
  };
  const { requestBody, responses } = paths["/"].post;
  return JSON.stringify([side === "request" ? requestBody : responses, components.schemas]);
}

function onlySide(side: Side, model: IntegrationModel): Omit<IntegrationModel, "name"> {
  const { schema, types, example } = bodyOf(side, model);
  return {
    ...(schema !== undefined && { [`${side}Schema`]: schema }),
    ...(types.length > 0 && { [`${side}ContentTypes`]: types }),
    ...(example !== undefined && { examples: { [side]: example } }),
  };
}

function withBody(
  { contract }: Integration,
  changed: Partial<IntegrationContract>,
  side: Side,
  { schema, types, example }: Body,
): Partial<IntegrationContract> {
  const examples: readonly Example[] = [
    ...(changed.examples ?? contract.examples).filter(({ direction }) => direction !== side),
    ...(example === undefined
      ? []
      : [
          {
            name: "Example",
            direction: side,
            contentType: "application/json",
            value: JSON.stringify(example),
          },
        ]),
  ];
  const text = schema === undefined ? null : JSON.stringify(schema);
  return side === "request"
    ? { requestSchema: text, requestContentTypes: types, examples }
    : { responseSchema: text, responseContentTypes: types, examples };
}
