/** What a route with validation promises to its callers, status by status. */
import { describe, expect, it } from "vitest";
import { compileValidator, type OperationSchemas, type RequestHead } from "./index.js";
import { costlyBody } from "./request-validator.js";

const json: RequestHead = {
  method: "POST",
  contentType: "application/json",
  contentEncoding: null,
  query: "",
  path: [],
  headers: [],
  hasBody: true,
};

const order = {
  type: "object",
  required: ["id", "lines"],
  additionalProperties: false,
  properties: {
    id: { type: "string", pattern: "^[A-Z]{2}\\d+$" },
    lines: { type: "array", uniqueItems: true, items: { $ref: "#/$defs/line" } },
  },
  $defs: {
    line: {
      type: "object",
      required: ["sku"],
      properties: { sku: { type: "string" }, n: { type: "integer" } },
    },
  },
};

function validator(schemas: OperationSchemas) {
  const compiled = compileValidator(schemas);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  return compiled.value.request;
}

function check(schemas: OperationSchemas, head: Partial<RequestHead>, body?: unknown) {
  const request = { ...json, ...head };
  const compiled = validator(schemas);
  const bytes =
    body instanceof Uint8Array ? body : Buffer.from(body === undefined ? "" : JSON.stringify(body));
  const verdict =
    compiled.checkHead(request) ?? (compiled.needsBody(request) ? compiled.checkBody(request, bytes) : null);
  return verdict === "later" ? costlyBody : verdict;
}

const jsonBody = (schema: unknown, required = true): OperationSchemas => ({
  requestBody: { required, content: { "application/json": { schema } } },
});

const body = jsonBody(order);

describe("body", () => {
  it("passes what fits", () => {
    expect(check(body, {}, { id: "AB1", lines: [{ sku: "x", n: 1 }] })).toBeNull();
    expect(
      check(body, { contentType: 'application/json; charset="UTF-8"' }, { id: "AB1", lines: [] }),
    ).toBeNull();
  });

  it("responds with 422 with a pointer to each thing that does not fit", () => {
    const refusal = check(body, {}, { id: "ab", "x/y": 1, lines: [{ sku: "a" }, { n: 0.5 }, { sku: "a" }] });
    expect(refusal?.code).toBe("request.schema_mismatch");
    expect(refusal?.errors.map(({ in: place, pointer }) => `${place} ${pointer}`).sort()).toEqual([
      "body /id",
      "body /lines",
      "body /lines/1/n",
      "body /lines/1/sku",
      "body /x~1y",
    ]);
  });

  it("responds with 400 for what is no JSON, no UTF-8 or nothing, and shows nothing of it", () => {
    const secret = Buffer.from('{"password": "hunter2", }');
    for (const bytes of [secret, Buffer.from([0x22, 0xff, 0x22]), Buffer.alloc(0)]) {
      const refusal = check(body, {}, bytes);
      expect(refusal?.code).toBe("request.body_malformed");
      expect(JSON.stringify(refusal)).not.toContain("hunter2");
    }
  });

  it("finds the charset as others do, whatever quoted parameters hold, and refuses two", () => {
    const fits = { id: "AB1", lines: [] };
    for (const [parameters, isTaken] of [
      ['; x="; charset=utf-16le"', true],
      ['; x="a\\\\"; charset=utf-8', true],
      ['; x="; charset=utf-8; y="; charset=utf-16le', false],
      ["; charset=utf-8; charset=utf-16le", false],
      ["; charset=utf-16le; charset=utf-8", false],
    ] as const) {
      const refusal = check(body, { contentType: `application/json${parameters}` }, fits);
      expect([parameters, refusal?.code]).toEqual([
        parameters,
        isTaken ? undefined : "request.media_type_unsupported",
      ]);
    }
  });

  it("asks for a body where one is required, whatever the method was", () => {
    expect(check(body, { hasBody: false })?.code).toBe("request.body_malformed");
    for (const method of ["GET", "DELETE", "HEAD", "PROPFIND"])
      expect(check(body, { hasBody: false, method })?.code).toBe("request.body_malformed");
    expect(check(jsonBody(order, false), { hasBody: false })).toBeNull();
  });

  it("responds with 415 for other content types, and for JSON that it cannot read", () => {
    const code = (head: Partial<RequestHead>) => check(body, head, {})?.code;
    expect(code({ contentType: "text/plain" })).toBe("request.media_type_unsupported");
    expect(code({ contentType: null })).toBe("request.media_type_unsupported");
    expect(code({ contentType: "nonsense" })).toBe("request.media_type_unsupported");
    expect(code({ contentType: "application/json; charset=utf-16" })).toBe("request.media_type_unsupported");
    expect(code({ contentEncoding: "gzip" })).toBe("request.media_type_unsupported");
  });

  it("takes the content types and ranges that the route names, and holds only JSON to the schema", () => {
    const schemas = {
      requestBody: { content: { "application/*": { schema: order }, "text/csv": { schema: order } } },
    };
    expect(check(schemas, { contentType: "text/csv" }, Buffer.from("a,b"))).toBeNull();
    expect(check(schemas, { contentType: "application/xml" }, Buffer.from("<a/>"))).toBeNull();
    expect(check(schemas, { contentType: "application/vnd.x+json" }, {})?.code).toBe(
      "request.schema_mismatch",
    );
    expect(check(schemas, { contentType: "text/html" }, {})?.code).toBe("request.media_type_unsupported");
  });

  it("lets a body stream through when there is nothing to hold it to", () => {
    expect(validator({}).needsBody(json)).toBe(false);
    expect(
      validator({ requestBody: { content: { "text/csv": {} } } }).needsBody({
        ...json,
        contentType: "text/csv",
      }),
    ).toBe(false);
  });
});

describe("query and path", () => {
  const schemas: OperationSchemas = {
    parameters: [
      { in: "query", name: "page", schema: { type: "integer", minimum: 1 } },
      { in: "query", name: "tag", schema: { type: "array", items: { type: "integer" }, maxItems: 2 } },
      { in: "query", name: "q", required: true },
      { in: "path", name: "id", schema: { type: "string", format: "uuid" } },
      { in: "path", name: "year", schema: { type: "integer" } },
    ],
  };
  const errors = (query: string, path: RequestHead["path"] = []) =>
    (check(schemas, { query, path, hasBody: false })?.errors ?? []).map(
      (error) => `${error.in} ${error.pointer}`,
    );

  it("reads text as what the schema says", () => {
    expect(errors("page=2&tag=1&tag=2&q=a+b%20c")).toEqual([]);
    expect(errors("page=0&q=")).toEqual(["query /page"]);
    expect(errors("page=2x&q=")).toEqual(["query /page"]);
    expect(errors("tag=1&tag=b&q=")).toEqual(["query /tag/1"]);
    expect(errors("tag=1&tag=2&tag=3&q=")).toEqual(["query /tag"]);
  });

  it("tells what is missing, given twice or not decodable", () => {
    expect(errors("page=1")).toEqual(["query /q"]);
    expect(errors("page=1&page=2&q=")).toEqual(["query /page"]);
    expect(check(schemas, { query: "q=%ff", hasBody: false })?.code).toBe("request.malformed");
    expect(errors("q=&unknown=1")).toEqual([]);
  });

  it("checks path parameters, decoded", () => {
    const id = "123e4567-e89b-12d3-a456-426614174000";
    expect(
      errors("q=", [
        ["id", id],
        ["year", "2026"],
      ]),
    ).toEqual([]);
    expect(
      errors("q=", [
        ["id", id.replace("-", "%2D")],
        ["year", "x"],
      ]),
    ).toEqual(["path /year"]);
  });
});

describe("schemas", () => {
  const problems = (schema: unknown) => {
    const compiled = compileValidator({
      ...jsonBody(schema),
      parameters: [{ in: "query", name: "a", schema }],
    });
    return compiled.ok
      ? []
      : compiled.error.map((problem) => `${problem.in} ${problem.name}: ${problem.detail}`);
  };

  it("says everything that is wrong with them, at the place", () => {
    expect(problems({ type: "strin" })).toHaveLength(2);
    expect(problems({ type: "strin" })[0]).toMatch(/^query a: schema is invalid/);
    expect(problems({ $ref: "https://example.org/other.json" })[0]).toMatch(/can't resolve reference/);
    expect(problems({ pattern: "(?=x)" })[0]).toMatch(/linear time/);
    expect(problems("x")[0]).toBe("query a: a schema is an object or a boolean");
  });

  it("does not let one schema see another by its $id", () => {
    expect(problems({ $id: "https://a.test/s", $defs: { b: { $id: "https://b.test/s" } } })).toEqual([]);
    expect(problems({ $ref: "https://a.test/s" })).toHaveLength(2);
    expect(problems({ $ref: "https://b.test/s" })).toHaveLength(2);
    expect(problems({ $id: "https://json-schema.org/draft/2020-12/schema" })).toEqual([]);
    expect(problems({ type: "object" })).toEqual([]);
  });

  it("runs no text of a schema as code", () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that it stays text is the point
    const evil = "\u2028\"'`];globalThis.pwned=1;//${globalThis.pwned=1}";
    const schema = {
      title: evil,
      required: [evil],
      properties: { [evil]: { const: evil, enum: [evil], description: evil, format: evil } },
      patternProperties: { "^x": { $comment: evil } },
      dependentRequired: { [evil]: [evil] },
    };
    expect(check(jsonBody(schema), {}, {})?.code).toBe("request.schema_mismatch");
    expect(check(jsonBody(schema), {}, { [evil]: evil })).toBeNull();
    expect((globalThis as { pwned?: unknown }).pwned).toBeUndefined();
  });
});

describe("cost", { timeout: 120_000 }, () => {
  const nested = (depth: number) => Buffer.from(`${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`);
  const costly = (schema: unknown, bytes: unknown) => check(jsonBody(schema), {}, bytes)?.errors[0]?.detail;
  const tooLong = "It would take too long to check this.";

  it("gives up on schemas that branch over themselves, or never end", () => {
    const branches = {
      oneOf: [{ properties: { a: { $ref: "#" } } }, { properties: { a: { $ref: "#" } }, title: "b" }],
    };
    expect(costly(branches, nested(100))).toBe(tooLong);
    expect(costly({ $ref: "#" }, {})).toBe(tooLong);
    expect(costly({ allOf: [{ $ref: "#" }] }, {})).toBe(tooLong);
  });

  it("gives up on the product of a long enum and a long array", () => {
    const values = Array.from({ length: 5000 }, (_, index) => `value ${index}`);
    expect(
      costly(
        { items: { enum: values } },
        Array.from({ length: 100_000 }, () => "value 4999"),
      ),
    ).toBe(tooLong);
  });

  it("matches patterns in linear time", () => {
    expect(costly({ pattern: "^(a+)+$" }, `${"a".repeat(50_000)}b`)).toMatch(/must match pattern/);
  });

  it("refuses a schema that is too large for ajv, in words", () => {
    const properties = Object.fromEntries(
      Array.from({ length: 4000 }, (_, i) => [`f${i}`, { type: "string" }]),
    );
    expect(compileValidator(jsonBody({ properties }))).toMatchObject({
      error: [
        { in: "body", detail: expect.stringMatching(/^the schema is too large|^the schema takes too long/) },
      ],
    });
  });

  it("survives bodies nested deeper than the stack", () => {
    const bytes = Buffer.from("[".repeat(100_000) + "]".repeat(100_000));
    expect(costly({ uniqueItems: true }, bytes)).toBe(tooLong);
  });
});
