/**
 * Notices that the session has ended. While a page with unsaved changes waits for a new sign-in, queries are held, so
 * that no page is replaced by an error; they run again after the sign-in. Changes fail and can be repeated.
 */
import type { Exchange, Operation, OperationResult } from "@urql/core";
import { filter, pipe, tap } from "wonka";
import { currentSession, onSessionChange, sessionEnded } from "../session/session-store.js";

function isUnauthenticated({ error }: OperationResult): boolean {
  return error?.graphQLErrors.some(({ extensions }) => extensions.code === "UNAUTHENTICATED") ?? false;
}

export const sessionExchange: Exchange = ({ client, forward }) => {
  const held = new Map<number, Operation>();
  onSessionChange(() => {
    if (currentSession().kind !== "signedIn") return;
    const operations = [...held.values()];
    held.clear();
    for (const operation of operations) client.reexecuteOperation(operation);
  });
  return (operations) =>
    pipe(
      operations,
      tap(({ kind, key }) => {
        if (kind === "teardown") held.delete(key);
      }),
      forward,
      filter((result) => {
        if (!isUnauthenticated(result)) return true;
        sessionEnded();
        if (result.operation.kind !== "query" || currentSession().kind !== "expired") return true;
        held.set(result.operation.key, result.operation);
        return false;
      }),
    );
};
