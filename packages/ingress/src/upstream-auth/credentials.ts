/** Makes credentials with this node's keys, environment and files. */
import { isDeepStrictEqual } from "node:util";
import type { Clock } from "@latchkey/core";
import { type CredentialResource, type SecretSource, secretOwner } from "@latchkey/snapshot";
import type { IngressConfig } from "../config.js";
import { Credential } from "./credential.js";
import type { NodeKeys } from "./node-keys.js";
import {
  EncryptedSecret,
  EnvironmentSecret,
  FileSecret,
  SecretFiles,
  type SecretValue,
} from "./secret-value.js";

export interface CredentialsParts {
  readonly settings: IngressConfig["credentials"];
  readonly keys: NodeKeys;
  readonly clock: Clock;
}

const ENVIRONMENT = "env:";
const FILE = "file:";

export class Credentials {
  readonly #parts: CredentialsParts;
  readonly #files: SecretFiles;

  constructor(parts: CredentialsParts) {
    this.#parts = parts;
    this.#files = new SecretFiles(parts.settings.filesIn, parts.clock);
  }

  /** @param previous goes on when nothing of it has changed, with what it has fetched */
  create(resource: CredentialResource, previous: Credential | null): Credential {
    if (previous !== null && isDeepStrictEqual(previous.resource, resource)) return previous;
    return new Credential(resource, this.#secretOf(resource.id, resource.secret));
  }

  #secretOf(id: string, source: SecretSource): SecretValue {
    const { settings, keys } = this.#parts;
    if (source.kind === "encrypted") return new EncryptedSecret(source.ciphertext, secretOwner(id), keys);
    const { reference } = source;
    if (reference.startsWith(ENVIRONMENT))
      return new EnvironmentSecret(reference.slice(ENVIRONMENT.length), settings.envPrefix, process.env);
    if (reference.startsWith(FILE)) return new FileSecret(reference.slice(FILE.length), this.#files);
    return {
      settle: () => null,
      text: null,
      problem: "its secret is referenced in a way that this node does not know",
    };
  }
}
