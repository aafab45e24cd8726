// The file beside bundled code with the licenses of the packages that it comes from.
export const LICENSES_FILE = "THIRD-PARTY-LICENSES.txt";

const RULE = `\n${"-".repeat(80)}\n\n`;
const HEADING = /^(\S+) (\S+) \((.*)\)$/;

/** @param packages name, version, license and its text */
export function writeLicenses(packages) {
  return packages
    .map(({ name, version, license, text }) => `${name} ${version} (${license})\n\n${text.trim()}\n`)
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
