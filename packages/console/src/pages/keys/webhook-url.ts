/** The address of a webhook: a route with its parameters, and key and flag in the query. Pure. */
import { fillPath, ingressBase, withQuery } from "../try-it/request-parts.js";

export interface WebhookParts {
  readonly ingressUrl: string | null;
  /** Path pattern of the route. */
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** The sender's own query, without a question mark. */
  readonly query: string;
  readonly keyHeader: string;
  readonly webhookFlag: string;
  readonly secret: string;
}

/** `https://ingress/orders/1?source=shop&Connxio-Api-Key=lk_…&Connxio-Api-Webhook=true` */
export function webhookUrl(parts: WebhookParts): string {
  const credentials = new URLSearchParams({ [parts.keyHeader]: parts.secret, [parts.webhookFlag]: "true" });
  const own = withQuery(fillPath(parts.path, parts.parameters), parts.query);
  return `${ingressBase(parts.ingressUrl)}${own}${own.includes("?") ? "&" : "?"}${credentials}`;
}
