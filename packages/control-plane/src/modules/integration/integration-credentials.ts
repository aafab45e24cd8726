/** The credentials that an integration names, and which of them can be used together. */
import type { Db } from "../../db/schema.js";
import type { Problems } from "../../errors/user-error.js";
import type { Credential } from "../credential/credential.js";
import { placeOf } from "../credential/credential-place.js";
import type { Integration } from "./integration.js";

/** The credentials that integrations name; the credential module knows. */
export interface IntegrationCredentials {
  findMany(db: Db, ids: readonly string[]): Promise<readonly Credential[]>;
  /** In clear; null: it is not kept here, or cannot be decrypted. */
  secretOf(db: Db, credential: Credential): Promise<string | null>;
}

/** A credential of another subscription looks like one that does not exist. */
export async function checkCredentials(
  problems: Problems,
  credentials: IntegrationCredentials,
  db: Db,
  integration: Pick<Integration, "subscriptionId" | "credentialIds" | "urls">,
): Promise<void> {
  const { subscriptionId, credentialIds: ids, urls } = integration;
  if (ids.length === 0) return;
  const field = ["input", "credentialIds"];
  const found = await credentials.findMany(db, ids);
  const own = found.filter((credential) => credential.subscriptionId === subscriptionId);
  if (own.length < ids.length)
    problems.add("NOT_FOUND", field, "The integration's subscription has no credential with this id.");
  const places = own.map(({ scheme }) => placeOf(scheme));
  const twice = places.find((place, i) => places.indexOf(place) < i);
  if (twice !== undefined) problems.add("INVALID", field, `Two of the credentials set the same: ${twice}.`);
  const plain = urls.find((url) => !url.startsWith("https:"));
  if (plain !== undefined && own.some(({ scheme }) => scheme.kind === "mutual-tls"))
    problems.add("INVALID", field, `A client certificate needs https, and ${plain} is not.`);
}
