/**
 * Picks the uWebSockets.js build that is installed and loads on this machine: an official one before a republished one.
 * None is part of a default installation (uws-advice.ts says which one to add). Never takes the JavaScript fallback that
 * one of them ships.
 */
import { createRequire } from "node:module";
import type { UwsModule } from "./uws-types.js";

export interface LoadedUws {
  readonly uws: UwsModule;
  /** For people: `uWebSockets.js 20.51.0 (official)`. */
  readonly description: string;
}

interface Candidate {
  readonly specifier: string;
}

/** In order of preference. The first name is the official package's own, or an alias of a republished one. */
const CANDIDATES: readonly Candidate[] = [
  { specifier: "uWebSockets.js" },
  { specifier: "@btc-vision/uwebsockets.js" },
];

/**
 * The library keeps a head that comes in several pieces up to a limit that newer builds read once, when they load; a larger
 * one ends the connection without a response. So that limit is above the configured one, which the engine applies itself.
 * The build for Node.js 20 (20.30) has 4,096 bytes and no setting: docs/request-path.md names it among the differences.
 */
const HEAD_BYTES_MIN = 65_536;
const HEAD_BYTES_ABOVE = 16_384;

let cached: LoadedUws | null | undefined;

/**
 * The build, or null when none loads here; asked once a process.
 * @param headerBytesMax the configured limit of request heads; that of the first call counts
 */
export function loadUws(headerBytesMax = 0): LoadedUws | null {
  if (cached === undefined) cached = tryAll(Math.max(HEAD_BYTES_MIN, headerBytesMax + HEAD_BYTES_ABOVE));
  return cached;
}

/** For people: the build that loads here, or null. */
export function loadedUws(): string | null {
  return loadUws()?.description ?? null;
}

function tryAll(headBytesMax: number): LoadedUws | null {
  const require = createRequire(import.meta.url);
  process.env.UWS_HTTP_MAX_HEADERS_SIZE = String(headBytesMax);
  for (const { specifier } of CANDIDATES) {
    const loaded = tryOne(require, specifier);
    if (loaded !== null) return loaded;
  }
  return null;
}

function tryOne(require: NodeJS.Require, specifier: string): LoadedUws | null {
  const warn = console.warn;
  console.warn = () => undefined; // the alias' loader prints its fallback notice; we do not take the fallback
  try {
    const uws = require(specifier) as UwsModule;
    if (!isNative(uws)) return null;
    silenceMark(uws);
    return { uws, description: describe(require, specifier) };
  } catch {
    return null; // not installed, or its binary wants another Node.js or glibc
  } finally {
    console.warn = warn;
  }
}

/** The fallback is plain JavaScript: its functions show their source. */
function isNative(uws: UwsModule): boolean {
  return typeof uws.App === "function" && Function.prototype.toString.call(uws.App).includes("[native code]");
}

/** Drops the `uWebSockets: 20` header; the switch is undocumented, so its absence is not an error. */
function silenceMark(uws: UwsModule): void {
  try {
    uws._cfg?.("999999990007");
  } catch {
    // a response with the mark is correct as well
  }
}

function describe(require: NodeJS.Require, specifier: string): string {
  try {
    const manifest = require(`${specifier}/package.json`) as {
      readonly name: string;
      readonly version: string;
    };
    const origin = manifest.name === "uWebSockets.js" ? "official" : manifest.name;
    return `uWebSockets.js ${manifest.version} (${origin})`;
  } catch {
    return `uWebSockets.js (${specifier})`;
  }
}
