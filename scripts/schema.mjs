// `npm run schema`: writes packages/control-plane/schema.graphql from the resolvers, then the typed operations of the console and of `@latchkey/client`.
import { join } from "node:path";
import { bin, root, run } from "./lib/shell.mjs";

const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };
const steps = [
  [bin("turbo"), ["run", "build", "--filter=@latchkey/control-plane...", "--output-logs=errors-only"]],
  [process.execPath, [join(root, "packages", "control-plane", "dist", "graphql-app", "emit-schema.js")]],
  [process.execPath, [join(root, "packages", "console", "scripts", "codegen.mjs")]],
  [process.execPath, [join(root, "packages", "client", "scripts", "codegen.mjs")]],
];
for (const [command, args] of steps) {
  const code = await run(command, args, { env });
  if (code !== 0) process.exit(code);
}
