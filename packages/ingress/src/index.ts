/** The data plane: an ingress node that forwards requests by key and route. */
export {
  INGRESS_CONFIG_PREFIX,
  type IngressConfig,
  type IngressConfigInput,
  ingressConfigSchema,
  loadIngressConfig,
  resolveIngressConfig,
} from "./config.js";
export { EngineUnavailableError } from "./http/create-engine.js";
export type { EngineName } from "./http/front-request.js";
export { loadedUws } from "./http/load-uws.js";
export { hasUwsBuild, thisMachine, uwsAdvice } from "./http/uws-advice.js";
export { ListenError } from "./node-front.js";
export { type Ingress, type IngressStatus, type RunOptions, runIngress } from "./run.js";
