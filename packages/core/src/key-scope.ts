/** What a key may be used for: methods and path patterns. Types only. */

export interface KeyScope {
  /** A method name or `ANY`. */
  readonly method: string;
  /** Of request paths, as routes have them; canonical text. */
  readonly pattern: string;
}

export const KEY_SCOPES_MAX = 100;
