/** Which names of headers lead past the gateway, and how CGI-like upstreams read names. Reads no messages. */

/** What no client or proxy can tell an integration through the gateway. docs/request-path.md has the list too. */
export const NEVER_FORWARDED = [
  // httpoxy: CGI-like upstreams take it for the setting HTTP_PROXY.
  "proxy",
  // Another URL or method than the one that was routed and checked.
  "x-original-url",
  "x-original-uri",
  "x-original-host",
  "x-original-method",
  "x-rewrite-url",
  "x-override-url",
  "x-http-destinationurl",
  "x-http-host-override",
  "x-http-path-override",
  "x-envoy-original-path",
  "x-http-method-override",
  "x-http-method",
  "x-method-override",
  // Another address than the peer's.
  "true-client-ip",
  "x-real-ip",
  "x-client-ip",
  "client-ip",
  "x-cluster-client-ip",
  "x-originating-ip",
  "x-remote-ip",
  "x-remote-addr",
  "x-envoy-external-address",
  "x-azure-clientip",
  "x-azure-socketip",
  "x-appengine-user-ip",
  "x-appengine-remote-addr",
  "x-original-forwarded-for",
  "x-proxyuser-ip",
  "x-vercel-forwarded-for",
  "proxy-client-ip",
  "wl-proxy-client-ip",
  "akamai-client-ip",
  "do-connecting-ip",
  "fly-client-ip",
  "cloudfront-viewer-address",
  "cf-connecting-ip",
  "cf-connecting-ipv6",
  "cf-pseudo-ipv4",
  "fastly-client-ip",
  "incap-client-ip",
  "x-sucuri-clientip",
  "x-forwarded",
  "forwarded-for",
  // Another scheme than the connection's.
  "front-end-https",
  "x-url-scheme",
  "x-scheme",
  "x-arr-ssl",
  "wl-proxy-ssl",
  // The certificate of a client: only who ended its TLS connection can say (RFC 9440 §4).
  "client-cert",
  "client-cert-chain",
  "x-client-cert",
  "x-ssl-client-cert",
  "x-ssl-client-verify",
  "ssl-client-cert",
  "ssl-client-verify",
  "ssl-client-subject-dn",
  "ssl-client-issuer-dn",
  "x-arr-clientcert",
  "wl-proxy-client-cert",
] as const;

/** The name as CGI-like upstreams compare it, with dashes. @param name in lower case */
export function foldedName(name: string): string {
  return name.replaceAll(/[^a-z0-9]/g, "-");
}
