/** When a write that failed is tried again, where a file or a pipe is written in the background. */

const PIPE_RETRY_MS = 20;
const DISK_RETRY_MS = 1_000;

/** Milliseconds until then. Null: never, as with EPIPE and EBADF, since nobody will ever read it. @param code the system's */
export function writeRetryMs(code: string | undefined): number | null {
  switch (code) {
    case "EAGAIN": // a full pipe
      return PIPE_RETRY_MS;
    case "ENOSPC":
    case "EDQUOT":
    case "EIO":
    case "EFBIG":
      return DISK_RETRY_MS;
    default:
      return null;
  }
}
