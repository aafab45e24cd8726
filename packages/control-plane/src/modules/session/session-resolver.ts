/** Lists and ends console sessions. */
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from "type-graphql";
import {
  ConnectionArgs,
  type ConnectionShape,
  toConnection,
  toPageRequest,
} from "../../graphql/connection.js";
import { type RequestContext, workContext } from "../../graphql-app/request-context.js";
import { type Payload, payloadHead, whenOk } from "../../receipts/mutation-payload.js";
import {
  EndOtherSessionsInput,
  EndOtherSessionsPayload,
  EndSessionInput,
  EndSessionPayload,
  SessionConnection,
  SessionType,
  toSessionType,
} from "./session-graphql.js";
import type { SessionService } from "./session-service.js";

@Resolver(() => SessionType)
export class SessionResolver {
  readonly #sessions: SessionService;

  constructor(deps: { readonly sessions: SessionService }) {
    this.#sessions = deps.sessions;
  }

  @Query(() => SessionConnection, {
    description: "Browsers that are signed in to the console, newest first.",
  })
  sessions(@Args(() => ConnectionArgs) page: ConnectionArgs): Promise<ConnectionShape<SessionType>> {
    return toConnection(
      () => this.#sessions.page(toPageRequest(page)),
      toSessionType,
      () => this.#sessions.count(),
    );
  }

  @FieldResolver(() => Boolean, { description: "Whether it is the session of this request." })
  isCurrent(@Root() session: SessionType, @Ctx() ctx: RequestContext): boolean {
    return session.id === ctx.principal.sessionId;
  }

  @Mutation(() => EndSessionPayload, {
    description: "Signs a browser out. Its cookie is no longer accepted and its live updates stop.",
  })
  async endSession(
    @Arg("input", () => EndSessionInput, { description: "Which session." }) input: EndSessionInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<EndSessionPayload>> {
    const outcome = await this.#sessions.end(workContext(ctx), input);
    return { ...payloadHead(outcome), endedSessionId: whenOk(outcome, ({ id }) => id) };
  }

  @Mutation(() => EndOtherSessionsPayload, {
    description: "Signs out every browser but the one that asks; all of them when a token asks.",
  })
  async endOtherSessions(
    @Arg("input", () => EndOtherSessionsInput, { description: "Which sessions." })
    input: EndOtherSessionsInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<EndOtherSessionsPayload>> {
    const outcome = await this.#sessions.endOthers(workContext(ctx), input);
    return {
      ...payloadHead(outcome),
      endedSessionIds: whenOk(outcome, (sessions) => sessions.map(({ id }) => id)),
    };
  }
}
