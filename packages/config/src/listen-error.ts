/** A port that cannot be had: which, and the setting that changes it. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly port: number;
  /** The environment variable of the setting. */
  readonly option: string;

  constructor(what: string, host: string, port: number, option: string, cause: unknown) {
    const { code = "error" } = cause as NodeJS.ErrnoException;
    const why = code === "EADDRINUSE" ? "is taken" : `cannot be used (${code})`;
    super(`port ${port} on ${host} ${why}; set another ${what} port with ${option}`, { cause });
    this.port = port;
    this.option = option;
  }
}
