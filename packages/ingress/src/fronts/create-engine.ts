/** Picks and makes the HTTP engine that the configuration asks for. */
import type { EngineName, EngineOptions, HttpEngine } from "./front-request.js";
import { loadUws } from "./load-uws.js";
import { StrictEngine } from "./strict-engine.js";
import { thisMachine, uwsAdvice } from "./uws-advice.js";
import { UwsEngine } from "./uws-engine.js";

export class EngineUnavailableError extends Error {
  override readonly name = "EngineUnavailableError";
}

/** Engines that work on this machine. */
export function availableEngines(): EngineName[] {
  return loadUws() === null ? ["strict"] : ["uws", "strict"];
}

/** @throws EngineUnavailableError when the engine asked for does not load here */
export function createEngine(name: EngineName, options: EngineOptions): HttpEngine {
  switch (name) {
    case "strict":
      return new StrictEngine(options);
    case "uws": {
      const loaded = loadUws(options.limits.headerBytesMax);
      if (loaded !== null) return new UwsEngine(options, loaded);
      throw new EngineUnavailableError(uwsAdvice(thisMachine()));
    }
  }
}
