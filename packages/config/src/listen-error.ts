/** A port that cannot be had: which, why, and the setting that changes it. */

/** The host is to blame: not of this machine, or no address at all. */
const HOST_FAULTS: ReadonlySet<string> = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT", "ENOTFOUND", "EAI_AGAIN"]);

export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly port: number;
  /** Something else uses the port. */
  readonly isTaken: boolean;
  /** The environment variable of the setting. */
  readonly option: string;

  /** @param portOption `…_PORT`; the host's is `…_HOST` */
  constructor(what: string, host: string, port: number, portOption: string, cause: unknown) {
    const { code = "error" } = cause as NodeJS.ErrnoException;
    const isHostToBlame = HOST_FAULTS.has(code);
    const option = isHostToBlame ? portOption.replace(/PORT$/, "HOST") : portOption;
    const isTaken = code === "EADDRINUSE";
    const why = isTaken ? "is taken" : `cannot be used (${code})`;
    super(
      isHostToBlame
        ? `${host} is no address of this machine (${code}); set another ${what} host with ${option}`
        : `port ${port} on ${host} ${why}; set another ${what} port with ${option}`,
      { cause },
    );
    this.port = port;
    this.isTaken = isTaken;
    this.option = option;
  }
}
