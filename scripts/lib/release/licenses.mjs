// The file beside bundled code with the licenses of the packages that it comes from.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../shell.mjs";

export const LICENSES_FILE = "THIRD-PARTY-LICENSES.txt";

const RULE = `\n${"-".repeat(80)}\n\n`;
const HEADING = /^(\S+) (\S+) \((.*)\)$/;

const FOLDER = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;

/**
 * The packages that modules come from.
 * @param modules paths from the root
 */
export function packagesOf(modules) {
  const folders = new Set(
    modules.map((path) => FOLDER.exec(path)?.[1]).filter((folder) => folder !== undefined),
  );
  return [...folders].map((path) => {
    const folder = join(root, path);
    const {
      name,
      version,
      license = "NOASSERTION",
    } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
    const text = file === undefined ? `License: ${license}` : readFileSync(join(folder, file), "utf8");
    return { name, version, license, text };
  });
}

/** @param packages name, version, license and its text */
export function writeLicenses(packages) {
  return packages
    .map(
      ({ name, version, license, text }) =>
        `${name} ${version} (${license})\n\n${text.replaceAll(RULE, "\n\n").trim()}\n`,
    )
    .sort()
    .join(RULE);
}

/** Name, version and license of each package. */
export function readLicenses(text) {
  return text.split(RULE).map((block) => {
    const [, name, version, license] = HEADING.exec(block.slice(0, block.indexOf("\n"))) ?? [];
    if (name === undefined) throw new Error(`${LICENSES_FILE} has a block without a heading`);
    return { name, version, license };
  });
}
