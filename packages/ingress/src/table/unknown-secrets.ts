/**
 * Secrets as long as a key that were presented lately and lead nowhere: for a client that goes on with a wrong or a
 * deleted key no checksum is made and nothing hashed each time. Emptied whenever a secret becomes known. Bounded: emptied when it is full.
 */

/** Of some 50 characters each. */
const SECRETS_MAX = 1_024;

export class UnknownSecrets {
  #secrets = new Set<string>();

  has(secret: string): boolean {
    return this.#secrets.has(secret);
  }

  add(secret: string): void {
    if (this.#secrets.size >= SECRETS_MAX) this.clear();
    // A copy: as read it is a slice that holds the whole head of its request. Never by latin1, which makes other secrets
    // of those that have wider characters, and one of them might be a real key.
    this.#secrets.add(Buffer.from(secret, "utf8").toString("utf8"));
  }

  clear(): void {
    if (this.#secrets.size > 0) this.#secrets = new Set();
  }
}
