/** The data plane: an ingress node that forwards requests by key and route. */
export {
  INGRESS_CONFIG_PREFIX,
  type IngressConfig,
  type IngressConfigInput,
  ingressConfigSchema,
  loadIngressConfig,
  resolveIngressConfig,
} from "./config.js";
export { EngineUnavailableError } from "./fronts/create-engine.js";
export type { EngineName } from "./fronts/front-request.js";
export { loadedUws } from "./fronts/load-uws.js";
export { hasUwsBuild, thisMachine, uwsAdvice } from "./fronts/uws-advice.js";
export { type Ingress, type IngressStatus, type RunOptions, runIngress } from "./run.js";
