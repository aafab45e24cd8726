/** Content negotiation (RFC 9110 §12.5.1): which of some media types an `Accept` header wants most. */
import { essenceOf } from "@latchkey/validation";
import { takesJson } from "./media-range.js";

interface Wanted {
  readonly range: string;
  readonly quality: number;
}

/** Null when it takes none of them. JSON comes first among equals, then the order of the list. */
export function preferredType(types: readonly string[], accept: string): string | null {
  const ordered = [...types].sort((a, b) => Number(takesJson(b)) - Number(takesJson(a)));
  if (accept.trim() === "") return ordered[0] ?? null;
  const wanted = accept.split(",").map(wantedOf);
  let best: string | null = null;
  let bestQuality = 0;
  for (const type of ordered) {
    const quality = qualityOf(essenceOf(type), wanted);
    if (quality > bestQuality) {
      best = type;
      bestQuality = quality;
    }
  }
  return best;
}

function wantedOf(part: string): Wanted {
  const quality = /;\s*q=([01](?:\.\d{0,3})?)/i.exec(part)?.[1];
  return { range: essenceOf(part), quality: quality === undefined ? 1 : Number(quality) };
}

/** By the narrowest range that takes it. */
function qualityOf(type: string, wanted: readonly Wanted[]): number {
  const group = `${type.split("/")[0]}/*`;
  for (const range of [type, group, "*/*"]) {
    const found = wanted.find((one) => one.range === range);
    if (found !== undefined) return found.quality;
  }
  // The type is a range itself, as `*/*` of an unknown contract.
  return type.includes("*") ? Math.max(0, ...wanted.map((one) => one.quality)) : 0;
}
