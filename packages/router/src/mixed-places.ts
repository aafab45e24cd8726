/**
 * Cold. The mixed segments that patterns have at one place in the path, and which of them match a text. Looks only at those
 * whose first and last literal the text has; few of these have several parameters (crowd.ts).
 */
import { isInsideEscape, type MixedSegment, mixedValues } from "@latchkey/core";
import { PrefixChains } from "./prefix-chains.js";

interface Place {
  readonly segment: MixedSegment;
  readonly endpoints: number[];
  /** The look that its first literal passed; see `#look`. */
  look: number;
}

export class MixedPlaces {
  readonly #places = new Map<string, Place>();
  readonly #byPrefix = new Map<string, Place[]>();
  readonly #bySuffix = new Map<string, Place[]>();
  #prefixes: PrefixChains | null = null;
  #suffixes: PrefixChains | null = null;
  #look = 0;

  add(segment: MixedSegment, endpoint: number): void {
    const key = segment.literals.join("{}");
    const known = this.#places.get(key);
    if (known !== undefined) {
      known.endpoints.push(endpoint);
      return;
    }
    const place: Place = { segment, endpoints: [endpoint], look: 0 };
    this.#places.set(key, place);
    addTo(this.#byPrefix, segment.literals[0]!, place);
    addTo(this.#bySuffix, reversed(segment.literals.at(-1)!), place);
  }

  /** Calls `visit` with every endpoint whose segment matches the text. */
  match(text: string, visit: (endpoint: number) => void): void {
    this.#prefixes ??= new PrefixChains(this.#byPrefix.keys());
    this.#suffixes ??= new PrefixChains(this.#bySuffix.keys());
    const look = ++this.#look;
    for (const prefix of this.#prefixes.of(text))
      for (const place of this.#byPrefix.get(prefix)!) place.look = look;
    for (const suffix of this.#suffixes.of(reversed(text))) {
      if (suffix !== "" && isInsideEscape(text, text.length - suffix.length)) continue;
      for (const { segment, endpoints, look: passed } of this.#bySuffix.get(suffix)!)
        if (passed === look && fits(segment, text, suffix.length)) endpoints.forEach(visit);
    }
  }
}

/** @param text has the first and the last literal, which may overlap */
function fits(segment: MixedSegment, text: string, suffixLength: number): boolean {
  const { literals } = segment;
  if (literals.length > 2) return mixedValues(segment, text) !== null;
  return text.length > literals[0]!.length + suffixLength;
}

function addTo(places: Map<string, Place[]>, key: string, place: Place): void {
  const list = places.get(key);
  if (list === undefined) places.set(key, [place]);
  else list.push(place);
}

/** By code units. */
function reversed(text: string): string {
  return text.split("").reverse().join("");
}
