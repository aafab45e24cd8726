/** All migrations in order. Append only: a released file never changes. */
import type { Migration } from "kysely";
import { init } from "./0001-init.js";
import { searchText } from "./0005-search-text.js";
import { sessions } from "./0006-sessions.js";
import { operations } from "./0007-operations.js";
import { servedDocuments } from "./0008-served-documents.js";
import { apiInfo } from "./0009-api-info.js";
import { corsPolicies } from "./0010-cors.js";
import { auditApi } from "./0011-audit-api.js";
import { routePolicies } from "./0012-route-policies.js";
import { clientPolicies } from "./0013-client-policies.js";
import { credentials } from "./0014-credentials.js";
import { ownership } from "./0015-ownership.js";
import { usage } from "./0016-usage.js";
import { credentialUses } from "./0017-credential-uses.js";
import { keyExpiry } from "./0018-key-expiry.js";
import { nodeRejections } from "./0019-node-rejections.js";
import type { MigrationContext } from "./migration-context.js";

/** Name → migration; names sort in order. */
export function migrations(context: MigrationContext): Record<string, Migration> {
  return {
    "0001-init": init(context),
    "0005-search-text": searchText(),
    "0006-sessions": sessions(context),
    "0007-operations": operations(),
    "0008-served-documents": servedDocuments(context),
    "0009-api-info": apiInfo(),
    "0010-cors": corsPolicies(),
    "0011-audit-api": auditApi(),
    "0012-route-policies": routePolicies(),
    "0013-client-policies": clientPolicies(),
    "0014-credentials": credentials(context),
    "0015-ownership": ownership(),
    "0016-usage": usage(context),
    "0017-credential-uses": credentialUses(),
    "0018-key-expiry": keyExpiry(),
    "0019-node-rejections": nodeRejections(),
  };
}
