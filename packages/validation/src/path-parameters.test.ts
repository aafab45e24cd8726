/** Path parameters as `style` and `explode` of OpenAPI write them, with the values that their schemas mean. */
import { expect, it } from "vitest";
import { checkOf, type Given, list, object } from "./testing/parameter-checks.js";

const paths: [title: string, given: Given, [text: string, isTaken: boolean][]][] = [
  [
    "simple",
    { schema: list },
    [
      ["1,2,3", true],
      ["1", true],
      ["a,b", false],
    ],
  ],
  [
    "simple object",
    { schema: object },
    [
      ["R,100,G,200", true],
      ["R,x", false],
    ],
  ],
  [
    "simple object, exploded",
    { explode: true, schema: object },
    [
      ["R=100,G=200", true],
      ["R=x", false],
      ["R,1", false],
    ],
  ],
  [
    "simple text",
    { schema: { type: "string" } },
    [
      ["a,b", true],
      ["a%2Fb", true],
    ],
  ],
  [
    "label",
    { style: "label", schema: { type: "integer" } },
    [
      [".5", true],
      ["5", false],
    ],
  ],
  [
    "label list",
    { style: "label", schema: list },
    [
      [".1,2,3", true],
      [".1.2.3", true],
      [".1.x", false],
    ],
  ],
  [
    "label list, exploded",
    { style: "label", explode: true, schema: list },
    [
      [".1.2.3", true],
      [".1,2", false],
    ],
  ],
  [
    "label object, exploded",
    { style: "label", explode: true, schema: object },
    [
      [".R=1.G=2", true],
      [".R=x", false],
    ],
  ],
  [
    "label object",
    { style: "label", schema: object },
    [
      [".R,1,G,2", true],
      [".R.1.G.2", true],
    ],
  ],
  [
    "matrix",
    { style: "matrix", schema: { type: "integer" } },
    [
      [";p=5", true],
      ["5", false],
      [";q=5", false],
    ],
  ],
  [
    "matrix list",
    { style: "matrix", schema: list },
    [
      [";p=1,2", true],
      [";p=1,x", false],
    ],
  ],
  [
    "matrix list, exploded",
    { style: "matrix", explode: true, schema: list },
    [
      [";p=1;p=2", true],
      [";p=1;q=2", false],
    ],
  ],
  ["matrix object", { style: "matrix", schema: object }, [[";p=R,1,G,2", true]]],
  [
    "matrix object, exploded",
    { style: "matrix", explode: true, schema: object },
    [
      [";R=1;G=2", true],
      [";R=x", false],
    ],
  ],
  [
    "a number or a word",
    { schema: { anyOf: [{ type: "integer" }, { type: "string", enum: ["latest"] }] } },
    [
      ["5", true],
      ["latest", true],
      ["x", false],
    ],
  ],
  [
    "a delimiter that is encoded",
    { schema: { type: "array", items: { enum: ["a,b", "c"] } } },
    [
      ["a%2Cb,c", true],
      ["a,b", false],
    ],
  ],
];

it.each(paths)("reads a path as it is written: %s", (_title, given, cases) => {
  const check = checkOf([{ in: "path", name: "p", ...given }]);
  expect(cases.map(([text]) => [text, check({ path: [["p", text]] }) === true])).toEqual(cases);
});
