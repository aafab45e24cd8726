/** A disk of a few mebibytes that a test can fill, empty and make read-only: a tmpfs, which needs root. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NotHere } from "./fault.js";

export class SmallDisk implements Disposable {
  readonly path: string;

  /** @throws NotHere when this process may not mount */
  constructor(sizeMib: number) {
    this.path = mkdtempSync(join(tmpdir(), "latchkey-disk-"));
    const size = `size=${sizeMib}m,mode=0700`;
    const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "-o", size, "latchkey-test", this.path], {
      encoding: "utf8",
    });
    if (status === 0) return;
    rmSync(this.path, { recursive: true });
    throw new NotHere(
      `a small tmpfs cannot be mounted here: ${stderr?.trim() || "there is no mount command"}`,
    );
  }

  /** Takes all space but so many bytes. */
  fill(leaveBytes = 0): void {
    const { bavail, bsize } = statfsSync(this.path);
    const bytes = Math.max(0, bavail * bsize - leaveBytes);
    writeFileSync(join(this.path, "ballast"), Buffer.alloc(bytes, 1));
  }

  /** Gives back what `fill` took. */
  free(): void {
    rmSync(join(this.path, "ballast"), { force: true });
  }

  setReadOnly(isReadOnly: boolean): void {
    const { status, stderr } = spawnSync("mount", ["-o", `remount,${isReadOnly ? "ro" : "rw"}`, this.path], {
      encoding: "utf8",
    });
    // Files that are open for writing keep a file system from becoming read-only.
    if (status !== 0) throw new Error(`cannot remount: ${stderr.trim()}`);
  }

  [Symbol.dispose](): void {
    spawnSync("umount", ["-l", this.path]);
    rmSync(this.path, { recursive: true, force: true });
  }
}
