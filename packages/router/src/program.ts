/**
 * How a router lies in memory: one array of 32-bit words, written by build-router.ts and read by router.ts.
 * No object a node: a route takes some thirty bytes here, and a match touches few cache lines.
 *
 *   [ sampled positions ][ static slots ][ nodes of the tree … ]
 *
 * Static slot, of a hash table over whole paths without parameters: hash, leaf.
 * Leaf, an endpoint: index of its first route in bits 0–15 and count in bits 16–31, which is the number of
 *   explicit methods × 2, plus 1 if an ANY route follows. The routes of one pattern lie side by side.
 *   0 is no leaf.
 * Node: header, children, label, leaf if HAS_LEAF, alternatives if HAS_ALTERNATIVES.
 * Children, by their first character, which their own label leaves out:
 *   up to CHILD_LIST_MAX times (character in bits 0–7, address in bits 8–31), or
 *   lowest character in bits 0–7 and span above, then span times an address, 0 for none.
 * Label: its characters, four to a word, the first in the low bits; patterns are ASCII.
 * Alternatives, for where a segment starts and no static continuation matches:
 *   parameter's leaf, address of the node behind the parameter and its slash (0 is none), rest's leaf.
 *   A node within a segment has them too, for a parameter that ends its segment (`report-{id}`).
 * Candidates if HAS_CANDIDATES, in front of the alternatives, best first: parameters with text behind them (`{id}.json`).
 *   Of each: its place in the router's `segments`, with LAST_CANDIDATE on the last one; the leaf of what ends there;
 *   address of the node behind it and its slash. 0 is none.
 */

/** Header bits 0–11: length of the label; a pattern has at most 2048 characters. */
export const LABEL_LENGTH_MASK = 0xfff;
export const HAS_LEAF = 0x1000;
export const HAS_ALTERNATIVES = 0x2000;
/** Set if the children are a table. */
export const HAS_CHILD_TABLE = 0x4000;
/** Only with HAS_ALTERNATIVES. */
export const HAS_CANDIDATES = 0x8000;
/** By how much HAS_CANDIDATES is shifted to mark an address as that of candidates. */
export const CANDIDATES_SHIFT = 15;
export const CANDIDATES_MARK = 0x40000000;
/** Header bits 16 and up: number of words that the children take. */
export const CHILD_WORDS_SHIFT = 16;
export const CHILD_LIST_MAX = 5;
export const CHILD_ADDRESS_SHIFT = 8;
export const CHAR_MASK = 0xff;

export const SLOT_WORDS = 2;
export const SLOT_LEAF = 1;
export const LEAF_ROUTE_MASK = 0xffff;
export const LEAF_COUNT_SHIFT = 16;
export const PARAMETER_LEAF = 0;
export const PARAMETER_NEXT = 1;
export const REST_LEAF = 2;
export const ALTERNATIVES_WORDS = 3;
export const CANDIDATE_LEAF = 1;
export const CANDIDATE_NEXT = 2;
export const CANDIDATE_WORDS = 3;
export const LAST_CANDIDATE = 0x40000000;
export const CANDIDATE_SEGMENT_MASK = 0x3fffffff;

/** A leaf's count has 16 bits, its lowest for ANY. */
export const ROUTES_MAX = 0x7fff;
/** Of all patterns together: keeps addresses well below their 24 bits. A thousand longest patterns have half. */
export const PATTERN_CHARS_MAX = 0x400000;

/** Positions of a path that the static hash looks at, chosen to tell this router's paths apart. */
export const SAMPLES_MAX = 6;
/** Slots looked at for one path; a pattern that finds no slot this near its own goes into the tree. */
export const PROBES_MAX = 4;
