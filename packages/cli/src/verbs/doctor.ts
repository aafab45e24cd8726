/** `latchkey doctor`: checks this machine, the control plane, its nodes and its integrations, and says what to do. */
import type { Command } from "commander";
import { addressOf, type ControlPlaneOptions, urlOf, withControlPlane } from "../control-plane-options.js";
import { checkCertificates } from "../doctor/certificates.js";
import { checkControlPlane } from "../doctor/control-plane.js";
import { checkDataFolder } from "../doctor/data-folder.js";
import { type Finding, problem, warning } from "../doctor/finding.js";
import { checkIntegrations } from "../doctor/integrations.js";
import { checkNode, checkPorts, checkSqlite, checkUws } from "../doctor/machine.js";
import { checkNodes } from "../doctor/nodes.js";
import { checkPostgres } from "../doctor/postgres.js";
import { findSettings } from "../doctor/settings.js";
import { withExamples } from "../examples.js";
import { UsageError } from "../exit-code.js";
import { counted } from "../format/counted.js";
import { type FormatOptions, printDocument, withFormat } from "../format/result.js";
import { GraphqlClient } from "../graphql-client.js";
import { dataDirOption } from "../options.js";
import { print } from "../output.js";

type Options = ControlPlaneOptions & FormatOptions & { readonly dataDir: string };

const DEV_PORTS = { "--graphql-port": 4000, "--grpc-port": 4001, "--ingress-port": 8080 };
const MARKS: Readonly<Record<Finding["level"], string>> = { ok: "✓", warning: "!", problem: "✗" };

export function addDoctorVerb(program: Command): void {
  withExamples(
    withFormat(
      withControlPlane(
        program
          .command("doctor")
          .description(
            "check versions, ports, clock, settings, database, certificates, nodes, header rules and integrations",
          )
          .addOption(dataDirOption()),
      ),
    ),
    ["latchkey doctor", "latchkey doctor --context production --json"],
  ).action(async (options: Options) => {
    const findings = await examine(options);
    if (!(await printDocument(options, findings))) print(findings.flatMap(lines));
    const problems = findings.filter(({ level }) => level === "problem").length;
    if (problems > 0)
      throw new Error(`${counted(problems, "problem")} ${problems === 1 ? "was" : "were"} found.`);
  });
}

async function examine(options: Options): Promise<readonly Finding[]> {
  const { env, findings: ofSettings } = await findSettings(process.env);
  const databaseUrl = env.LATCHKEY_CONTROL_PLANE_DATABASE_URL;
  const machine = [
    checkNode(),
    await checkSqlite(),
    ...(await checkPorts(DEV_PORTS)),
    ...ofSettings,
    ...(databaseUrl === undefined
      ? await checkDataFolder(options.dataDir)
      : await checkPostgres(databaseUrl)),
    ...checkCertificates(env, Date.now()),
    await checkUws(),
  ];
  const address = addressOrNull(options);
  if (address === null)
    return [
      ...machine,
      warning(
        "control plane",
        `${urlOf(options)} is not checked: no token`,
        "Run `latchkey login`, or set LATCHKEY_TOKEN.",
      ),
    ];
  const { findings, version } = await checkControlPlane(address.url, address.token, Date.now);
  if (version === null) return [...machine, ...findings];
  const client = new GraphqlClient(address.url, address.token);
  const { checkResources } = await import("../doctor/resources.js"); // not for every command
  return [
    ...machine,
    ...findings,
    ...(await orFailed("nodes", checkNodes(client, version))),
    ...(await checkResources(client, Date.now())),
    ...(await orFailed("integrations", checkIntegrations(client))),
  ];
}

async function orFailed(subject: string, findings: Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await findings;
  } catch (error) {
    return [
      problem(
        subject,
        `not checked: ${error instanceof Error ? error.message : error}`,
        "Use the command of the control plane's release.",
      ),
    ];
  }
}

function addressOrNull(options: Options) {
  try {
    return addressOf(options);
  } catch (error) {
    if (error instanceof UsageError && options.token === undefined && options.context === undefined)
      return null;
    throw error;
  }
}

function lines({ level, subject, message, todo }: Finding): string[] {
  return [`${MARKS[level]} ${subject}: ${message}`, ...(todo === null ? [] : [`    ${todo}`])];
}
