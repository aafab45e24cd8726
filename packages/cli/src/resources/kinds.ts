/** The kinds of resources that people manage. */
import type { Kind } from "./kind.js";
import { apis } from "./kinds/apis.js";
import { credentials } from "./kinds/credentials.js";
import { integrations } from "./kinds/integrations.js";
import { keys } from "./kinds/keys.js";
import { nodes } from "./kinds/nodes.js";
import { subscriptions } from "./kinds/subscriptions.js";

export const KINDS: readonly Kind[] = [subscriptions, integrations, credentials, apis, keys, nodes];

export function kindNamed(name: string): Kind {
  const found = KINDS.find((kind) => kind.name === name);
  if (found === undefined) throw new Error(`there is no kind ${name}`);
  return found;
}
