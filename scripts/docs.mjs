// `npm run docs`: writes docs/config.md from the configuration schemas, README's chart from bench/RESULTS.md, and what error codes
// mean (packages/core/src/gen) from docs/failure-modes.md. `--check` fails when one is stale.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configTable } from "@latchkey/config";
import { CONTROL_PLANE_CONFIG_PREFIX, controlPlaneSchema } from "@latchkey/control-plane";
import { INGRESS_CONFIG_PREFIX, ingressConfigSchema } from "@latchkey/ingress";
import { errorHelp } from "./lib/error-help.mjs";
import { performanceChart } from "./lib/performance-chart.mjs";
import { note, root } from "./lib/shell.mjs";

const config = `# Configuration

Made by \`npm run docs\` from the schemas; do not edit.

A setting comes from its default, then a JSON or YAML file (\`--config\`, or the variable \`…_CONFIG\`), then the
environment, then an option of the command. All problems are reported at once, each with the setting, where it came from,
its value, and what was expected. A secret may also come from a file, named by its variable with \`_FILE\` behind it.

## Ingress: \`latchkey ingress\`

${configTable(ingressConfigSchema, INGRESS_CONFIG_PREFIX)}

## Control plane: \`latchkey control-plane\`

${configTable(controlPlaneSchema, CONTROL_PLANE_CONFIG_PREFIX)}
`;

const results = readFileSync(join(root, "bench", "RESULTS.md"), "utf8");
const failureModes = readFileSync(join(root, "docs", "failure-modes.md"), "utf8");
const documents = {
  "packages/core/src/gen/error-help.ts": errorHelp(failureModes),
  "docs/config.md": config,
  "docs/images/performance-light.svg": performanceChart(results, "light"),
  "docs/images/performance-dark.svg": performanceChart(results, "dark"),
};

const stale = Object.entries(documents).filter(([path, text]) => {
  const file = join(root, path);
  return !existsSync(file) || readFileSync(file, "utf8") !== text;
});
if (process.argv.includes("--check")) {
  for (const [path] of stale) note(`${path} is stale; run \`npm run docs\`.`);
  process.exit(stale.length === 0 ? 0 : 1);
}
mkdirSync(join(root, "docs", "images"), { recursive: true });
for (const [path, text] of stale) writeFileSync(join(root, path), text);
