/** What people call the APIs, routes, keys, integrations and nodes that usage is grouped by. */
import type { ApiService } from "../modules/api/api-service.js";
import type { IntegrationService } from "../modules/integration/integration-service.js";
import type { ApiKeyService } from "../modules/key/api-key-service.js";
import type { NodeRegistry } from "../nodes/node-registry.js";
import type { UsageGroupKind } from "./usage-reader.js";

export interface UsageNamesDeps {
  readonly apis: Pick<ApiService, "findMany" | "findRoutes">;
  readonly keys: Pick<ApiKeyService, "findMany">;
  readonly integrations: Pick<IntegrationService, "findMany">;
  readonly registry: Pick<NodeRegistry, "nameOf">;
}

export class UsageNames {
  readonly #deps: UsageNamesDeps;

  constructor(deps: UsageNamesDeps) {
    this.#deps = deps;
  }

  /** Names by id; what is gone has none. */
  async of(kind: UsageGroupKind, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return new Map(await this.#namesOf(kind, ids));
  }

  async #namesOf(kind: UsageGroupKind, ids: readonly string[]): Promise<(readonly [string, string])[]> {
    const { apis, keys, integrations, registry } = this.#deps;
    switch (kind) {
      case "API":
        return (await apis.findMany(ids)).map(({ id, title }) => [id, title]);
      case "ROUTE":
        return (await apis.findRoutes(ids)).map(({ id, method, pattern }) => [id, `${method} ${pattern}`]);
      case "KEY":
        return (await keys.findMany(ids)).map(({ id, name }) => [id, name]);
      case "INTEGRATION":
        return (await integrations.findMany(ids)).map(({ id, name }) => [id, name]);
      case "NODE":
        return ids.flatMap((id) => {
          const name = registry.nameOf(id);
          return name === null ? [] : [[id, name]];
        });
      default:
        return [];
    }
  }
}
