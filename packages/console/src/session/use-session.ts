/** The session as React sees it. */
import { useSyncExternalStore } from "react";
import { currentSession, onSessionChange, type Session } from "./session-store.js";

export function useSession(): Session {
  return useSyncExternalStore(onSessionChange, currentSession);
}
