// `npm run faults`: builds what is out of date, runs the fault suite, and prints each row with the figure that was seen.
//   --nightly       the long modes: 1 000 kills of the control plane and the like, for hours
//   --quick         as little as `npm test` does
//   other words     a file's name (`clients`), or what vitest takes, as -t and a row's name
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "../../scripts/build.mjs";
import { ensurePrograms } from "../../scripts/lib/machine.mjs";
import { bin, run } from "../../scripts/lib/shell.mjs";

const modes = { "--nightly": "nightly", "--quick": "quick" };
const words = process.argv.slice(2);
const mode = words.map((word) => modes[word]).find(Boolean) ?? process.env.LATCHKEY_FAULTS ?? "normal";
const files = readdirSync(import.meta.dirname);
const rest = words
  .filter((word) => !(word in modes))
  .map((word, i, all) => (all[i - 1] !== "-t" && isFile(word) ? `test/fault/${word}.` : word));

function isFile(word) {
  return files.some((file) => file.startsWith(`${word}.`));
}

await build();
if (mode !== "quick") await ensurePrograms(["pg_ctlcluster", "pgbouncer"]);
const folder = mkdtempSync(join(tmpdir(), "latchkey-faults-"));
const file = join(folder, "figures.jsonl");
const env = { ...process.env, LATCHKEY_FAULTS: mode, LATCHKEY_FAULTS_FILE: file };
const filter = rest.some((word) => word.includes("/")) ? rest : ["test/fault/", ...rest];
const code = await run(bin("vitest"), ["run", "--project", "e2e", ...filter], { env });
const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
rmSync(folder, { recursive: true });

const rows = lines.filter(Boolean).map((line) => JSON.parse(line));
rows.sort((a, b) => Number.parseInt(a.row, 10) - Number.parseInt(b.row, 10));
const cell = (text) => text.replaceAll("|", "\\|");
process.stdout.write(`\nFaults, ${mode} mode:\n\n`);
process.stdout.write(
  "| row | fault | what must hold | outcome | figure | target |\n|---|---|---|---|---|---|\n",
);
for (const { row, fault, holds, outcome, figure, target } of rows)
  process.stdout.write(`| ${[row, fault, holds, outcome, figure, target].map(cell).join(" | ")} |\n`);
const count = (outcome) => rows.filter((row) => row.outcome === outcome).length;
process.stdout.write(`\n${count("held")} held, ${count("broken")} broken, ${count("not run")} not run\n`);
process.exit(code);
