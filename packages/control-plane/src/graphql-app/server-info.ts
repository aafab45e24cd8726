/** What a client must know of this installation: where the ingress is, how keys are presented, what is possible. */
import type { Clock } from "@latchkey/core";
import { defaultDocumentLimits } from "@latchkey/openapi";
import { GraphQLDateTime } from "graphql-scalars";
import { Ctx, Field, FieldResolver, Int, ObjectType, Query, Resolver } from "type-graphql";
import { RevisionType, toRevision } from "../graphql/revision.js";
import { apiLimits } from "../modules/api/api.js";
import type { AuditEntry } from "../modules/audit/audit-entry.js";
import type { AuditService } from "../modules/audit/audit-service.js";
import { DATABASE_TARGET, EPOCH_BEGIN_ACTION } from "../snapshot/epoch-guard.js";
import type { RequestContext } from "./request-context.js";

/** How long operators are shown that the database went back. */
const SET_BACK_SHOWN_MS = 7 * 86_400_000;

export interface ServerInfo {
  readonly version: string;
  readonly ingressUrl: string | null;
  readonly keyHeader: string;
  readonly webhookFlag: string;
  readonly canRecover: boolean;
}

@ObjectType("DatabaseSetBack", {
  description:
    "The control plane found that its database had gone back to an older state, and began a new epoch. What was changed after that state is lost.",
})
class DatabaseSetBackType {
  @Field(() => GraphQLDateTime, { description: "When the new epoch began." })
  at!: Date;

  @Field(() => RevisionType, { description: "The revision that the database stood at." })
  found!: RevisionType;

  @Field(() => RevisionType, { description: "The newest revision that is known to have existed before." })
  lost!: RevisionType;

  @Field(() => String, { description: "What happened and what to check, in a sentence." })
  message!: string;
}

@ObjectType("ServerInfo", { description: "What a client must know of this installation." })
class ServerInfoType implements ServerInfo {
  @Field(() => String, { description: "Version of the control plane's software." })
  version!: string;

  @Field(() => String, {
    nullable: true,
    description: "Where clients reach the ingress; null when it is not configured.",
  })
  ingressUrl!: string | null;

  @Field(() => String, {
    description:
      "Name of the header, or with a key in WEBHOOK mode of the query parameter, that carries a key.",
  })
  keyHeader!: string;

  @Field(() => String, {
    description: "Name of the query parameter or header that says `true` beside a key in WEBHOOK mode.",
  })
  webhookFlag!: string;

  @Field(() => Boolean, {
    description: "Whether APIs can be recoverable: an encryption key (`encryptionKey`) is configured.",
  })
  canRecover!: boolean;

  @Field(() => Int, { description: "Routes an API may have." })
  routesMax!: number;

  @Field(() => Int, { description: "Bytes (UTF-8) that an OpenAPI document may have to be imported." })
  documentBytesMax!: number;

  @Field(() => DatabaseSetBackType, {
    nullable: true,
    description: "The last time that the database went back by itself, within seven days; null: it did not.",
  })
  databaseSetBack?: DatabaseSetBackType | null;
}

@ObjectType("Viewer", { description: "Who asks." })
class ViewerType {
  @Field(() => String, { description: "The operator's name, as in the audit log." })
  actor!: string;
}

export interface ServerInfoDeps {
  readonly audit: Pick<AuditService, "newest">;
  readonly clock: Clock;
}

@Resolver(() => ServerInfoType)
export class ServerInfoResolver {
  readonly #info: ServerInfo;
  readonly #deps: ServerInfoDeps;

  constructor(info: ServerInfo, deps: ServerInfoDeps) {
    this.#info = info;
    this.#deps = deps;
  }

  @Query(() => ServerInfoType, { description: "What a client must know of this installation." })
  server(): ServerInfoType {
    return {
      ...this.#info,
      routesMax: apiLimits.routesMax,
      documentBytesMax: defaultDocumentLimits.bytesMax,
    };
  }

  @FieldResolver(() => DatabaseSetBackType, { nullable: true })
  async databaseSetBack(): Promise<DatabaseSetBackType | null> {
    const { audit, clock } = this.#deps;
    const since = new Date(clock.now() - SET_BACK_SHOWN_MS);
    const entry = await audit.newest({ targetId: DATABASE_TARGET, action: EPOCH_BEGIN_ACTION, since });
    return entry === null ? null : toSetBack(entry);
  }

  @Query(() => ViewerType, { description: "Who asks, by the token or session of the request." })
  viewer(@Ctx() ctx: RequestContext): ViewerType {
    return { actor: ctx.principal.actor };
  }
}

function toSetBack({ atMs, before, after }: AuditEntry): DatabaseSetBackType {
  const found = before as { readonly epoch: number; readonly number: number };
  const { heldEpoch, heldNumber } = after as { readonly heldEpoch: number; readonly heldNumber: number };
  return {
    at: new Date(atMs),
    found: toRevision(found),
    lost: toRevision({ epoch: heldEpoch, number: heldNumber }),
    message: `The database went back to revision ${found.number}, while revision ${heldNumber} had been in force. All nodes have the older state now. Changes made after it are lost: check disabled and deleted keys.`,
  };
}
