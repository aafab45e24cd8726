/** Reading the audit log. */
import { Arg, Args, Query, Resolver } from "type-graphql";
import {
  ConnectionArgs,
  type ConnectionShape,
  toConnection,
  toPageRequest,
} from "../../graphql/connection.js";
import { AuditEntryConnection, AuditEntryType, AuditFilter, toAuditEntryType } from "./audit-graphql.js";
import type { AuditService } from "./audit-service.js";

@Resolver(() => AuditEntryType)
export class AuditResolver {
  readonly #audit: AuditService;

  constructor(deps: { readonly audit: AuditService }) {
    this.#audit = deps.audit;
  }

  @Query(() => AuditEntryConnection, {
    description:
      "Every change, disclosed secret, sign-in and refused attempt, newest first. Refused attempts of one kind are one entry a minute, with their number.",
  })
  auditLog(
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Arg("filter", () => AuditFilter, { nullable: true, description: "Which entries; all without it." })
    filter: AuditFilter | null,
  ): Promise<ConnectionShape<AuditEntryType>> {
    return toConnection(
      () => this.#audit.page(filter ?? {}, toPageRequest(page)),
      toAuditEntryType,
      () => this.#audit.count(filter ?? {}),
    );
  }
}
