/** What creates, changes, copies and deletes an Api, as resolvers and the import pass it on. */
import type { Maybe } from "../../forms/form.js";
import type { IpRulesForm } from "../../forms/ip-rules-form.js";
import type { LimitsForm } from "../../forms/limit-form.js";
import type { OwnershipForm } from "../../forms/ownership-form.js";
import type { ApiKey, ApiKeyForm } from "../key/api-key.js";
import type { ApiWithRoutes } from "./api.js";
import type { CorsForm } from "./cors-form.js";
import type { PreparedContent } from "./prepared-content.js";
import type { RecordingForm } from "./recording-form.js";
import type { RouteForm } from "./route-form.js";

/** What a creation and a change have in common. */
interface ApiFields extends LimitsForm, OwnershipForm {
  readonly summary?: Maybe<string>;
  readonly routes?: Maybe<readonly RouteForm[]>;
  readonly versionLabel?: Maybe<string>;
  readonly recoverable?: Maybe<boolean>;
  readonly bearerRequired?: Maybe<boolean>;
  readonly openapiServed?: Maybe<boolean>;
  /** Given whole. */
  readonly cors?: Maybe<CorsForm>;
  readonly ipRules?: Maybe<IpRulesForm>;
  /** Given whole. */
  readonly recording?: Maybe<RecordingForm>;
  /** What the routes' operations share. */
  readonly schemas?: Maybe<object>;
  readonly tags?: Maybe<readonly object[]>;
  /** Contact, license and terms of service, as OpenAPI has them. */
  readonly info?: Maybe<object>;
}

export interface CreateApi extends ApiFields {
  readonly title: string;
  readonly subscriptionId: string;
  /** The first key. */
  readonly key?: Maybe<ApiKeyForm>;
}

/** What is left out stays; null removes summary, CORS policy, schemas, tags or info. Routes are given whole: those that are not listed are deleted. */
export interface UpdateApi extends ApiFields {
  readonly id: string;
  readonly expectedVersion?: Maybe<number>;
  readonly title?: Maybe<string>;
  readonly subscriptionId?: Maybe<string>;
}

export interface DuplicateApi {
  readonly id: string;
  /** Left out: the original's title with " (copy)". */
  readonly title?: Maybe<string>;
  /** Of the copy's first key. */
  readonly key?: Maybe<ApiKeyForm>;
}

export interface DeleteApi {
  readonly id: string;
  readonly expectedVersion?: Maybe<number>;
}

/** Of a form that does not come from a user. */
export interface FormOrigin {
  /** Its schemas are known to be usable: they were stored, or the thread that reads documents has compiled them. */
  readonly schemasChecked: boolean;
  /** Of a request that creates several APIs: tells them apart when the request is repeated. */
  readonly part?: string;
  readonly prepared?: PreparedContent;
}

export interface CreatedApi extends ApiWithRoutes {
  readonly key: ApiKey;
  /** Null when the creation is a repetition and the secret was not kept. */
  readonly secret: string | null;
}
