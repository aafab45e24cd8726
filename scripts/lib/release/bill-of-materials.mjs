// The bill of materials of the packed command (CycloneDX): what npm installs with it, and what was bundled into its files.
// `npm sbom --omit=dev` of the checkout is none: it leaves out whatever a workspace also has as a devDependency.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runStep } from "../shell.mjs";
import { LICENSES_FILE, readLicenses } from "./licenses.mjs";

const LEVEL = "--loglevel=error";

/**
 * @param scratch an empty folder
 * @param folder what the tarball was packed from
 */
export async function billOfMaterials({ scratch, tarball, folder }) {
  mkdirSync(scratch, { recursive: true });
  writeFileSync(
    join(scratch, "package.json"),
    JSON.stringify({ name: "bill", version: "0.0.0", private: true }),
  );
  const lock = ["--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund", LEVEL];
  await runStep("npm", ["install", ...lock, tarball], { cwd: scratch });
  const args = ["--sbom-format=cyclonedx", "--package-lock-only", LEVEL];
  return shippedBill(
    JSON.parse(await runStep("npm", ["sbom", ...args], { cwd: scratch })),
    bundledIn(folder),
  );
}

/** The packages whose code is in files of a folder. */
function bundledIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name === LICENSES_FILE)
    .flatMap((entry) => readLicenses(readFileSync(join(entry.parentPath ?? entry.path, entry.name), "utf8")));
}

/** The bill of the command itself, of that of a project that has nothing but the command. */
export function shippedBill(bill, bundled) {
  const command = bill.components.find(({ name }) => name === "latchkey");
  const components = bill.components.filter((component) => component !== command);
  const known = new Set(components.map(({ purl }) => purl));
  const added = bundled
    .map(componentOf)
    .filter(({ purl }) => !known.has(purl) && known.add(purl) !== undefined);
  const root = bill.metadata.component["bom-ref"];
  return {
    ...bill,
    metadata: {
      ...bill.metadata,
      // Its only reference is the tarball's path on this machine.
      component: { ...command, type: "application", externalReferences: [] },
    },
    components: [...components, ...added],
    dependencies: [
      ...bill.dependencies
        .filter(({ ref }) => ref !== root)
        .map((one) =>
          one.ref === command["bom-ref"]
            ? { ...one, dependsOn: [...one.dependsOn, ...added.map((component) => component["bom-ref"])] }
            : one,
        ),
      ...added.map((component) => ({ ref: component["bom-ref"], dependsOn: [] })),
    ],
  };
}

function componentOf({ name, version, license }) {
  return {
    "bom-ref": `${name}@${version}`,
    type: "library",
    name,
    version,
    scope: "required",
    purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
    licenses: [/^[A-Za-z0-9.+-]+$/.test(license) ? { license: { id: license } } : { expression: license }],
  };
}
