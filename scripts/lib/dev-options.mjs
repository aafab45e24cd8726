// The options of `latchkey dev`, read before anything is installed: `npm start` refuses a wrong one at once, and not after the
// installation. The command itself reads them again; scripts.test.ts holds this table against its help.
// A default import: a Node.js that is too old has no parseArgs, and is to be told so.
import util from "node:util";
import { note } from "./shell.mjs";

/** Without a `value` an option is a flag. */
export const DEV_OPTIONS = {
  "graphql-port": { value: "<port>", normal: "4000" },
  "grpc-port": { value: "<port>", normal: "4001" },
  "ingress-port": { value: "<port>", normal: "8080" },
  "admin-port": { value: "<port>", normal: "0" },
  "data-dir": { value: "<folder>", normal: "./data" },
  "http-engine": { value: "<engine>", normal: "strict", choices: ["strict", "uws"] },
  json: {},
};

export const PORT_OPTIONS = Object.keys(DEV_OPTIONS).filter((name) => DEV_OPTIONS[name].value === "<port>");

/** Ends the process with 2 when an option is wrong, and with 0 after `--help`. Returns the value of every option. */
export function readDevOptions(args) {
  const { values, problems, isHelp } = parseDevOptions(args);
  if (isHelp) {
    note(help());
    process.exit(0);
  }
  if (problems.length === 0) return values;
  note(`${problems.join("\n")}\n\n${help()}`);
  process.exit(2);
}

function help() {
  const lines = Object.entries(DEV_OPTIONS).map(([name, { value, normal }]) =>
    value === undefined ? `  --${name}` : `  --${name} ${value}   default: ${normal}`,
  );
  return ["Options come after `npm start --`; docs/cli.md explains them:", ...lines].join("\n");
}

/** The last one of an option counts, as `--name value` or `--name=value`. */
export function parseDevOptions(args) {
  const { tokens } = util.parseArgs({
    args,
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(DEV_OPTIONS).map(([name, { value }]) => [
        name,
        { type: value === undefined ? "boolean" : "string" },
      ]),
    ),
  });
  const values = Object.fromEntries(Object.entries(DEV_OPTIONS).map(([name, { normal }]) => [name, normal]));
  const problems = [];
  for (const { kind, name, rawName, value } of tokens) {
    if (kind === "positional") problems.push(`"${value}" is not an option.`);
    if (kind !== "option") continue;
    const problem = Object.hasOwn(DEV_OPTIONS, name)
      ? problemOf(rawName, value, DEV_OPTIONS[name])
      : `There is no option ${rawName}.`;
    if (problem === null) values[name] = value;
    else problems.push(problem);
  }
  for (const [index, name] of PORT_OPTIONS.entries()) {
    const same = PORT_OPTIONS.slice(0, index).find(
      (one) => Number(values[one]) === Number(values[name]) && Number(values[name]) !== 0,
    );
    if (same !== undefined) problems.push(`--${same} and --${name} are both ${values[name]}.`);
  }
  return { values, problems, isHelp: tokens.some(({ rawName }) => rawName === "--help" || rawName === "-h") };
}

function problemOf(option, value, { value: expected, choices }) {
  if (expected === undefined) return value === undefined ? null : `${option} takes no value.`;
  if (!value) return `${option} needs a value: ${option} ${expected}.`;
  if (expected === "<port>" && !(/^\d+$/.test(value) && Number(value) <= 65_535))
    return `${option} ${value}: expected a port from 0 to 65535.`;
  if (choices !== undefined && !choices.includes(value))
    return `${option} ${value}: expected ${choices.join(" or ")}.`;
  return null;
}
