/**
 * Adds lines and columns to the errors of a report whose pointers lead into the text. The text is parsed once more for
 * that, so only short ones are; notes that are no errors get none.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from "yaml";
import type { ReportItem } from "./import-report.js";
import { pointerTokens } from "./json.js";
import { placeAt } from "./text-place.js";

const CHARS_MAX = 1024 * 1024;
const PLACES_MAX = 100;

export function withPlaces(report: readonly ReportItem[], text: string): readonly ReportItem[] {
  const isWanted = (item: ReportItem) =>
    item.severity === "error" && item.pointer !== "" && item.place === undefined;
  if (text.length > CHARS_MAX || !report.some(isWanted)) return report;
  // JSON is YAML 1.2.
  const document = parseDocument(text, { merge: true, uniqueKeys: false, logLevel: "silent" });
  let left = PLACES_MAX;
  return report.map((item) => {
    if (!isWanted(item) || left-- <= 0) return item;
    const offset = offsetOf(document, pointerTokens(item.pointer) ?? []);
    return offset === null ? item : { ...item, place: placeAt(text, offset) };
  });
}

/** Of the last member's key, or of the list's item. Null when the text does not have it, as after a conversion. */
function offsetOf(document: Document.Parsed, tokens: readonly string[]): number | null {
  let node: unknown = document.contents;
  let offset: number | null = null;
  for (const token of tokens) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === token);
      if (pair === undefined) return null;
      offset = beginOf(pair.key);
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(token)];
      offset = beginOf(node);
    } else return null;
  }
  return offset;
}

function beginOf(node: unknown): number | null {
  return (node as Node | undefined)?.range?.[0] ?? null;
}
