/** What the control plane and a node of this machine would start with: their variables, and the files of settings that these name. */
import type { ConfigProblem } from "@latchkey/config";
import { type Finding, problem } from "./finding.js";

export interface FoundSettings {
  /** As if all of them were set in the environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly findings: readonly Finding[];
}

export async function findSettings(env: NodeJS.ProcessEnv): Promise<FoundSettings> {
  const [{ readVariables }, controlPlane, ingress] = await Promise.all([
    import("@latchkey/config"), // not for every command
    import("@latchkey/control-plane"),
    import("@latchkey/ingress"),
  ]);
  const planes = [
    readVariables(controlPlane.controlPlaneSchema, { prefix: controlPlane.CONTROL_PLANE_CONFIG_PREFIX, env }),
    readVariables(ingress.ingressConfigSchema, { prefix: ingress.INGRESS_CONFIG_PREFIX, env }),
  ];
  return {
    env: Object.assign({}, env, ...planes.map(({ variables }) => variables)),
    findings: planes.flatMap(({ problems }) => problems.map(settingFinding)),
  };
}

function settingFinding({ setting, source, value, expected }: ConfigProblem): Finding {
  return problem(
    `setting ${setting}`,
    `${value === null ? "is missing" : `is ${value}`} (${source})`,
    `Expected: ${expected}. docs/config.md has all settings.`,
  );
}
