/** What a user did wrong, as GraphQL shows it: `userErrors` of every payload. */
import { type UserErrorCode, userErrorCodes } from "@latchkey/core";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import type { UserError } from "../errors/user-error.js";
import { make } from "./relay-node.js";

const codeDescriptions: Record<UserErrorCode, string> = {
  INVALID: "The value has the wrong form or lies outside its range.",
  REQUIRED: "A value is needed here.",
  TOO_LONG: "The text is longer than allowed.",
  TOO_MANY: "The list is longer than allowed.",
  NOT_FOUND: "Nothing has this id.",
  CONFLICT:
    "Another client changed the object in the meantime; `currentVersion` and `current` show it as it is now.",
  IN_USE: "Other things depend on the object.",
  DUPLICATE_ROUTE: "Two routes of one API match the same requests.",
  INTEGRATION_UNKNOWN: "No integration has this id.",
  INTEGRATION_NOT_ROUTABLE: "The integration's inbound kind is not API.",
  INTEGRATION_OF_OTHER_SUBSCRIPTION: "The integration belongs to another subscription than the API.",
  PATH_MALFORMED: "The path pattern cannot be read.",
  URL_INVALID: "The URL is not one of http or https, or holds what it must not.",
  URL_ADDRESS_REFUSED: "The URL leads to an address that is not allowed as a target.",
  NOT_RECOVERABLE: "The secret was not kept, or cannot be kept.",
  IDEMPOTENCY_KEY_REUSED: "The Idempotency-Key was used for another creation.",
  STORAGE_FULL: "The control plane's disk is full; nothing was changed.",
  IMPORT_FAILED: "The document cannot be imported.",
};

const UserErrorCodeEnum = Object.fromEntries(userErrorCodes.map((code) => [code, code])) as {
  readonly [C in UserErrorCode]: C;
};
registerEnumType(UserErrorCodeEnum, {
  name: "UserErrorCode",
  description: "What kind of mistake it is. Match on this, never on the message.",
  valuesConfig: Object.fromEntries(
    userErrorCodes.map((code) => [code, { description: codeDescriptions[code] }]),
  ) as Record<UserErrorCode, { description: string }>,
});

@ObjectType("UserError", {
  description: "One mistake in a mutation's input. When there is any, nothing was changed.",
})
export class UserErrorType {
  @Field(() => [String], {
    description:
      'Where, from the argument inwards: ["input", "routes", "2", "path"]. Empty when no field is to blame.',
  })
  field!: readonly string[];

  @Field(() => UserErrorCodeEnum, { description: "What kind of mistake." })
  code!: UserErrorCode;

  @Field(() => String, { description: "One sentence for the person who filled in the form." })
  message!: string;

  @Field(() => Int, { nullable: true, description: "For CONFLICT: the object's version as it is now." })
  currentVersion!: number | null;

  @Field(() => ID, { nullable: true, description: "For CONFLICT: the id of the object." })
  currentId!: string | null;

  // `current` is added by the node resolver, which can look any object up.
}

export function toUserError(error: UserError): UserErrorType {
  return make(UserErrorType, {
    field: error.field,
    code: error.code,
    message: error.message,
    currentVersion: error.conflict?.currentVersion ?? null,
    currentId: error.conflict?.currentId ?? null,
  });
}
