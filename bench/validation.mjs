/**
 * `npm run bench:validation`: what it costs to hold a request to its route's schemas, as CPU time of this process for
 * one request; the median of some rounds, as a table for docs/openapi.md. Forwarding is not in it.
 */
import { compileValidator } from "@latchkey/validation";

const ROUNDS = 9;
const ROUND_CPU_MS = 200;

const order = {
  type: "object",
  required: ["customer", "lines"],
  additionalProperties: false,
  properties: {
    customer: { type: "string", pattern: "^[A-Z]{2}-[0-9]{4,8}$" },
    lines: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        required: ["sku", "quantity"],
        properties: {
          sku: { type: "string", maxLength: 20 },
          quantity: { type: "integer", minimum: 1 },
          price: { type: "number" },
          tags: { type: "array", items: { enum: ["new", "sale", "heavy"] } },
        },
      },
    },
  },
};

/** @param {number} count of lines */
function bodyOf(count) {
  const lines = Array.from({ length: count }, (_, i) => ({
    sku: `SKU-${i}`,
    quantity: i + 1,
    price: 9.5,
    tags: ["new"],
  }));
  return Buffer.from(JSON.stringify({ customer: "NO-12345", lines }));
}

/** @param {() => unknown} work @returns microseconds of CPU */
function cost(work) {
  const rounds = [];
  let count = 1;
  for (let i = 0; i <= ROUNDS; i++) {
    const start = process.cpuUsage();
    for (let n = 0; n < count; n++) work();
    const { user, system } = process.cpuUsage(start);
    // The first ones find out how many fill a round.
    if (user + system < ROUND_CPU_MS * 500) {
      count *= 2;
      i = -1;
    } else rounds.push((user + system) / count);
  }
  rounds.shift();
  return /** @type {number} */ (rounds.sort((a, b) => a - b)[Math.floor(rounds.length / 2)]);
}

const schemas = {
  parameters: [
    { in: "path", name: "id", schema: { type: "integer", minimum: 1 } },
    { in: "query", name: "state", required: true, schema: { enum: ["open", "closed"] } },
    { in: "query", name: "page", schema: { type: "integer", minimum: 1, maximum: 1000 } },
  ],
};
const bodyOperation = (/** @type {unknown} */ schema) => ({
  requestBody: { required: true, content: { "application/json": { schema } } },
});
const validatorOf = (/** @type {any} */ given) => {
  const compiled = compileValidator(given);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  return compiled.value.request;
};
const url = validatorOf(schemas);
const whole = validatorOf(bodyOperation(order));
const head = {
  method: "POST",
  contentType: "application/json",
  contentEncoding: null,
  query: "state=open&page=2",
  path: /** @type {const} */ ([["id", "17"]]),
  headers: [],
  hasBody: true,
};
const accepted = (/** @type {unknown} */ refusal) => {
  if (refusal !== null) throw new Error(`refused: ${JSON.stringify(refusal)}`);
};

const rows = [
  ["path and query: three parameters", cost(() => accepted(url.checkHead(head)))],
  ["the same, one refused", cost(() => url.checkHead({ ...head, query: "state=none&page=2" }))],
];
for (const count of [2, 20, 200]) {
  const body = bodyOf(count);
  const total = cost(() => accepted(whole.checkBody(head, body)));
  const parsing = cost(() => JSON.parse(body.toString("utf8")));
  rows.push([
    `body of ${body.length} bytes (${Math.round((100 * parsing) / total)} % of it JSON.parse)`,
    total,
  ]);
}
let made = 0;
rows.push([
  "compiling that body's schema, once a schema",
  cost(() => validatorOf(bodyOperation({ ...order, $comment: String(made++) }))),
]);

const text = (/** @type {number} */ us) => (us < 10 ? us.toFixed(1) : us.toFixed(0));
process.stdout.write("| check | µs of CPU |\n|---|---|\n");
for (const [name, us] of rows) process.stdout.write(`| ${name} | ${text(/** @type {number} */ (us))} |\n`);
