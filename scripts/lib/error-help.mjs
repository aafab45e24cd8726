// Meaning and advice of each error code, out of the tables of docs/failure-modes.md, as a module of `core`.

const ROW = /^\| `([a-z_.]+)` \| \d{3} \| (.+) \| (.+) \|$/;

/** The module's source. Links of the document are left as their text. */
export function errorHelp(document) {
  const entries = document.split("\n").flatMap((line) => {
    const [, code, meaning, check] = ROW.exec(line) ?? [];
    return code === undefined
      ? []
      : [`  ${quote(code)}: { meaning: ${quote(meaning)}, check: ${quote(check)} },`];
  });
  return `// Made by \`npm run docs\` from docs/failure-modes.md; do not edit.
import type { IngressErrorCode } from "../error-codes.js";

export interface ErrorHelp {
  readonly meaning: string;
  readonly check: string;
}

/** What each code means and what to check, as docs/failure-modes.md says. */
export const errorHelp: Readonly<Record<IngressErrorCode, ErrorHelp>> = {
${entries.join("\n")}
};
`;
}

function quote(text) {
  return JSON.stringify(text.replace(/\[([^\]]+)\]\([^)]+\)/g, "$1"));
}
