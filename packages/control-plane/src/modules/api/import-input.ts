/** What an import is asked to do, as resolvers pass it on, and its rules beside those of the document. */
import type { ImportMapping } from "@latchkey/openapi";
import { type Outcome, Problems } from "../../errors/user-error.js";
import type { Maybe } from "../../forms/form.js";
import type { ImportValidate } from "./import-routes.js";
import type { ImportSplit } from "./import-split.js";

export interface MappingEntry {
  /** Operation id, `GET /path`, tag, or summary. */
  readonly match: string;
  readonly integrationId: string;
}

export interface ImportOpenApi {
  /** JSON or YAML of OpenAPI 3.0, 3.1 or 3.2, or of Swagger 2.0. */
  readonly document: string;
  /** The Api whose routes to change; without it a new one is made. */
  readonly apiId?: Maybe<string>;
  readonly expectedVersion?: Maybe<number>;
  /** Of a new Api. */
  readonly subscriptionId?: Maybe<string>;
  /** Of a new Api, instead of the document's. */
  readonly title?: Maybe<string>;
  readonly mapping?: Maybe<{
    readonly default?: Maybe<string>;
    readonly operations?: Maybe<readonly MappingEntry[]>;
    readonly tags?: Maybe<readonly MappingEntry[]>;
    readonly summaries?: Maybe<readonly MappingEntry[]>;
  }>;
  /** Where routes lead that neither the mapping nor a stored route says. Default: `mapped`, which is nowhere. */
  readonly integrations?: Maybe<ImportIntegrations>;
  /** Of integrations that are made, instead of the document's servers. */
  readonly serverUrl?: Maybe<string>;
  /** In front of the document's paths. Default: the path of the document's first server. */
  readonly pathPrefix?: Maybe<string>;
  /** Default: `keep`. */
  readonly validate?: Maybe<ImportValidate>;
  /** Routes that the document does not have are deleted. */
  readonly replace?: Maybe<boolean>;
  /** The document becomes several new APIs. */
  readonly split?: Maybe<ImportSplit>;
}

/** `fromServers`: integrations are made of the document's servers, one for each distinct URL. */
export type ImportIntegrations = "mapped" | "fromServers";

/** Of the input beside the document. */
export function checkInput({ serverUrl, pathPrefix, split, apiId }: ImportOpenApi): Outcome<never> | null {
  const problems = new Problems();
  if (split && apiId)
    problems.add("INVALID", ["input", "split"], "A document is split into new APIs: leave `apiId` out.");
  if (serverUrl && (!/^https?:\/\//i.test(serverUrl) || /[?#]|\/$/.test(serverUrl)))
    problems.add(
      "INVALID",
      ["input", "serverUrl"],
      "The server's URL starts with http:// or https:// and has no query and no slash at its end.",
    );
  if (pathPrefix && !/^(\/[^/{}?#]+)+$/.test(pathPrefix))
    problems.add(
      "INVALID",
      ["input", "pathPrefix"],
      "A path prefix looks like /api/v1: it starts with a slash, ends without one, and has no parameters.",
    );
  return problems.any ? problems.failure() : null;
}

/** What only the document's reader can look up; the rest comes after the stored routes. */
export function mappingOf({ mapping }: ImportOpenApi): ImportMapping {
  return {
    operations: toRecord(mapping?.operations),
    tags: toRecord(mapping?.tags),
    summaries: toRecord(mapping?.summaries),
  };
}

function toRecord(entries: Maybe<readonly MappingEntry[]>): Readonly<Record<string, string>> {
  return Object.fromEntries((entries ?? []).map(({ match, integrationId }) => [match, integrationId]));
}
