/** What was recorded of a message. */
import { type CombinedError, useQuery } from "urql";
import { RecordedMessagesDocument, type RecordedMessagesQuery } from "../../gen/recording.js";
import { notRefreshed } from "../../graphql/refresh-exchange.js";
import type { RecordedRequest } from "./recorded-request.js";

export type RecordedMessage = RecordedMessagesQuery["messages"]["nodes"][number];
export type RecordedContent = NonNullable<RecordedMessage["content"]>;

/** Finds one message: clients may use an interchange id twice. */
export interface MessageName {
  readonly interchangeId: string;
  readonly at: string;
}

export interface Recorded {
  /** Null: not known yet, or not stored yet. */
  readonly message: RecordedMessage | null;
  readonly isLoading: boolean;
  readonly error: CombinedError | undefined;
  readonly reload: () => void;
}

/**
 * What was recorded does not change, so it is read once.
 * @param name null: nothing is read
 */
export function useRecorded(name: MessageName | null): Recorded {
  const [{ data, fetching, error }, refetch] = useQuery({
    query: RecordedMessagesDocument,
    variables: { interchangeId: name?.interchangeId ?? "" },
    pause: name === null,
    context: notRefreshed,
    requestPolicy: "network-only",
  });
  return {
    message: data?.messages.nodes.find(({ at }) => at === name?.at) ?? null,
    isLoading: fetching,
    error,
    reload: () => refetch({ requestPolicy: "network-only" }),
  };
}

/** What the client sent; null: it was not recorded. */
export function recordedRequest({ method, path, content }: RecordedMessage): RecordedRequest | null {
  if (content === null) return null;
  const { target, headers, body, bodyState } = content.request;
  return { method, target: target ?? path, headers, body: bodyState === "WHOLE" ? body : null };
}

/** The message that "Try it" sends again, as the address has it. */
export const AGAIN_PARAM = "again";

export function againText({ interchangeId, at }: MessageName): string {
  return `${at} ${interchangeId}`;
}

export function readAgain(text: string | null): MessageName | null {
  const space = text?.indexOf(" ") ?? -1;
  return text === null || space < 0
    ? null
    : { at: text.slice(0, space), interchangeId: text.slice(space + 1) };
}
