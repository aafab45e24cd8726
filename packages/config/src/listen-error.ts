/** A port that cannot be had: which, why, and the setting that changes it. */

/** The host is to blame: not of this machine, or no address at all. */
const HOST_FAULTS: ReadonlySet<string> = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT", "ENOTFOUND", "EAI_AGAIN"]);

const TAKEN = "EADDRINUSE";

export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly port: number;
  /** What is wrong with the port, to be said after it (`is taken`); null: the host is to blame. */
  readonly why: string | null;
  /** Something else uses the port. */
  readonly isTaken: boolean;

  /** @param portOption `…_PORT` or `--port`; the host's is `…_HOST` or `--host` */
  constructor(what: string, host: string, port: number, portOption: string, cause: unknown) {
    const { code = "error" } = cause as NodeJS.ErrnoException;
    const isHostToBlame = HOST_FAULTS.has(code);
    const option = isHostToBlame ? portOption.replace(/PORT$/, "HOST").replace(/port$/, "host") : portOption;
    const why = whyOf(code);
    super(
      isHostToBlame
        ? `${host} is no address of this machine (${code}); set another ${what} host with ${option}`
        : `port ${port} on ${host} ${why}; set another ${what} port with ${option}`,
      { cause },
    );
    this.port = port;
    this.why = isHostToBlame ? null : why;
    this.isTaken = code === TAKEN;
  }
}

function whyOf(code: string): string {
  if (code === TAKEN) return "is taken";
  if (code === "EACCES") return "is not for this user (EACCES)";
  return `cannot be used (${code})`;
}
