/** The table of examples of OpenAPI 3.1.1 §4.8.12.6, and what it leaves open: values in values. */
import { expect, it } from "vitest";
import type { Json, JsonObject } from "./json.js";
import { pairsOf, pathText } from "./parameter-text.js";

const array = ["blue", "black", "brown"];
const object = { R: 100, G: 200, B: 150 };

it.each<[JsonObject, string, Json, string]>([
  [{ style: "matrix", explode: false }, "text", "blue", ";color=blue"],
  [{ style: "matrix", explode: false }, "list", array, ";color=blue,black,brown"],
  [{ style: "matrix", explode: false }, "object", object, ";color=R,100,G,200,B,150"],
  [{ style: "matrix", explode: true }, "list", array, ";color=blue;color=black;color=brown"],
  [{ style: "matrix", explode: true }, "object", object, ";R=100;G=200;B=150"],
  [{ style: "label", explode: false }, "text", "blue", ".blue"],
  [{ style: "label", explode: false }, "list", array, ".blue,black,brown"],
  [{ style: "label", explode: true }, "list", array, ".blue.black.brown"],
  [{ style: "label", explode: true }, "object", object, ".R=100.G=200.B=150"],
  [{ style: "simple", explode: false }, "list", array, "blue,black,brown"],
  [{ style: "simple", explode: false }, "object", object, "R,100,G,200,B,150"],
  [{ explode: true }, "object", object, "R=100,G=200,B=150"],
  [{}, "list of objects", [{ a: 1 }], '{"a":1}'],
])("in a path %j writes a %s", (rules, _, value, text) => {
  expect(pathText("color", value, rules)).toBe(text);
});

it.each<[JsonObject, string, Json, string]>([
  [{ style: "form", explode: false }, "list", array, "color=blue,black,brown"],
  [{ style: "form", explode: false }, "object", object, "color=R,100,G,200,B,150"],
  [{ style: "form", explode: true }, "list", array, "color=blue&color=black&color=brown"],
  [{ style: "form" }, "object", object, "R=100&G=200&B=150"],
  [{ style: "spaceDelimited", explode: false }, "list", array, "color=blue black brown"],
  [{ style: "pipeDelimited", explode: false }, "list", array, "color=blue|black|brown"],
  [{ style: "deepObject", explode: true }, "object", object, "color[R]=100&color[G]=200&color[B]=150"],
  [{ style: "deepObject" }, "object of lists", { a: [1, 2] }, "color[a][0]=1&color[a][1]=2"],
  [{ style: "form" }, "nothing", null, "color="],
])("in a query %j writes a %s", (rules, _, value, text) => {
  expect(
    pairsOf("color", value, rules)
      .map((pair) => `${String(pair.key)}=${String(pair.value)}`)
      .join("&"),
  ).toBe(text);
});
