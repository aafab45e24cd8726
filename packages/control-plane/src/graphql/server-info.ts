/** What a client must know of this installation: where the ingress is, how keys are presented, what is possible. */
import "reflect-metadata";
import { Ctx, Field, Int, ObjectType, Query, Resolver } from "type-graphql";
import { apiLimits } from "../modules/api/api.js";
import type { RequestContext } from "./context.js";

export interface ServerInfo {
  readonly version: string;
  readonly ingressUrl: string | null;
  readonly keyHeader: string;
  readonly webhookFlag: string;
  readonly canRecover: boolean;
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

  @Field(() => Boolean, { description: "Whether APIs can be made recoverable: a sealing key is configured." })
  canRecover!: boolean;

  @Field(() => Int, { description: "Routes an API may have." })
  routesMax!: number;
}

@ObjectType("Viewer", { description: "Who asks." })
class ViewerType {
  @Field(() => String, { description: "The operator's name, as in the audit log." })
  actor!: string;
}

@Resolver()
export class ServerInfoResolver {
  readonly #info: ServerInfo;

  constructor(info: ServerInfo) {
    this.#info = info;
  }

  @Query(() => ServerInfoType, { description: "What a client must know of this installation." })
  server(): ServerInfoType {
    return { ...this.#info, routesMax: apiLimits.routesMax };
  }

  @Query(() => ViewerType, { description: "Who asks, by the token or session of the request." })
  viewer(@Ctx() ctx: RequestContext): ViewerType {
    return { actor: ctx.principal.actor };
  }
}
