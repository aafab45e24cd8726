/** What a credential sets in a request: two of one integration cannot set the same. Pure. */
import type { CredentialScheme } from "@latchkey/snapshot";

export function placeOf(scheme: CredentialScheme): string {
  switch (scheme.kind) {
    case "header":
      return `the header ${scheme.name.toLowerCase()}`;
    case "query":
      return `the query parameter ${scheme.name.toLowerCase()}`;
    case "mutual-tls":
      return "the client certificate";
    default:
      return "the header authorization";
  }
}
