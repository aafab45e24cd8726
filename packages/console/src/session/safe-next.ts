/** Where to go after signing in. Only a path of this page: another origin would make the sign-in an open redirect. */

export const HOME = "/";

export function safeNext(next: string | null): string {
  // Browsers read a backslash as a slash, and drop tabs and line breaks.
  if (next === null || !/^\/(?![/\\])[^\t\r\n\\]*$/.test(next)) return HOME;
  return next;
}
