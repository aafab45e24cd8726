/** Why a name has no addresses. `code` is what `dns.lookup` reports: ENOTFOUND (there is no such name) or EAI_AGAIN. */
export class NameError extends Error {
  override readonly name = "NameError";
  readonly code: "ENOTFOUND" | "EAI_AGAIN";
  readonly hostname: string;

  constructor(code: "ENOTFOUND" | "EAI_AGAIN", hostname: string, reason: string) {
    super(`${hostname} does not resolve: ${reason}`);
    this.code = code;
    this.hostname = hostname;
  }
}
