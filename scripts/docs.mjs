// `npm run docs`: writes docs/config.md from the configuration schemas. `--check` fails when it is stale.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configTable } from "@latchkey/config";
import { CONTROL_PLANE_CONFIG_PREFIX, controlPlaneSchema } from "@latchkey/control-plane";
import { INGRESS_CONFIG_PREFIX, ingressConfigSchema } from "@latchkey/ingress";
import { note, root } from "./lib/shell.mjs";

const file = join(root, "docs", "config.md");

const text = `# Configuration

Made by \`npm run docs\` from the schemas; do not edit.

A setting comes from its default, then a JSON or YAML file (\`--config\`, or the variable \`…_CONFIG\`), then the
environment, then an option of the command. All problems are reported at once, each with the setting, where it came from,
its value, and what was expected. A secret may also come from a file, named by its variable with \`_FILE\` behind it.

## Ingress: \`latchkey ingress\`

${configTable(ingressConfigSchema, INGRESS_CONFIG_PREFIX)}

## Control plane: \`latchkey control-plane\`

${configTable(controlPlaneSchema, CONTROL_PLANE_CONFIG_PREFIX)}
`;

if (process.argv.includes("--check")) {
  if (readFileSync(file, "utf8") === text) process.exit(0);
  note("docs/config.md is stale; run `npm run docs`.");
  process.exit(1);
}
writeFileSync(file, text);
