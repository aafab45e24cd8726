/** The parameters of an operation in a document: those of its path, then those that the route describes. */
import { type JsonObject, type MutableJsonObject, wellFormed } from "./json.js";
import { pathParameterFields, pathParameterSentences, withSentences } from "./latchkey-fields.js";
import type { Warn } from "./lint-warning.js";
import type { Slot, SlotParameter } from "./path-slots.js";
import { type ApiModel, keyHeaderOf, type ParameterModel, WEBHOOK_FLAG } from "./read-model.js";

/** @param tokens where they stand */
export function parametersOf(
  model: ApiModel,
  slot: Slot,
  given: readonly ParameterModel[],
  tokens: readonly (string | number)[],
  warn: Warn,
): readonly JsonObject[] {
  const parameters: JsonObject[] = slot.parameters.map((parameter) =>
    pathParameter(
      parameter,
      given.find(({ in: place, name }) => place === "path" && name === parameter.routeName),
    ),
  );
  const taken = new Set<string>();
  const reserved = [keyHeaderOf(model), WEBHOOK_FLAG].map((name) => name.toLowerCase());
  for (const parameter of given) {
    const { in: place } = parameter;
    const name = wellFormed(parameter.name);
    const key = `${place} ${place === "header" ? name.toLowerCase() : name}`;
    if (place === "path" || name === "" || taken.has(key)) continue;
    if (place !== "cookie" && reserved.includes(name.toLowerCase())) {
      warn("parameter.reserved", "The key's own query parameters are not a route's.", tokens);
      continue;
    }
    taken.add(key);
    parameters.push(withValue({ ...(parameter as unknown as JsonObject), name }));
  }
  return parameters;
}

/** Under the name that it has in the document's path. */
function pathParameter(
  { name, routeName, restSegments }: SlotParameter,
  given: ParameterModel | undefined,
): JsonObject {
  const fields = { restSegments, routeName: routeName === name ? null : routeName };
  const description = withSentences(wellFormed(given?.description ?? ""), pathParameterSentences(fields));
  const {
    description: _given,
    name: _name,
    in: _place,
    required: _required,
    ...rest
  } = (given ?? {}) as unknown as MutableJsonObject;
  const described = {
    name,
    in: "path",
    required: true,
    ...(description === "" ? {} : { description }),
    ...rest,
    ...pathParameterFields(fields),
  };
  return given === undefined ? { ...described, schema: { type: "string" } } : withValue(described);
}

/** A parameter has a schema or content. */
function withValue(parameter: JsonObject): JsonObject {
  return parameter.schema === undefined && parameter.content === undefined
    ? { ...parameter, schema: {} }
    : parameter;
}
