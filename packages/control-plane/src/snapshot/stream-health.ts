/**
 * `grpc.health.v1` on the nodes' port, for probes and balancers. Needs no token: it says only whether the stream is served.
 * Its connections are among those that no node uses, and bounded like them (idle-connections.ts).
 */
import type { Server } from "@grpc/grpc-js";
import { SnapshotServiceService } from "@latchkey/proto";
import { HealthImplementation } from "grpc-health-check";

/** `latchkey.snapshot.v1.SnapshotService` */
export const STREAM_SERVICE = SnapshotServiceService.subscribe.path.split("/")[1] ?? "";
/** The server as a whole has the empty name. */
const NAMES = ["", STREAM_SERVICE];

export class StreamHealth {
  readonly #health = new HealthImplementation(Object.fromEntries(NAMES.map((name) => [name, "SERVING"])));
  #isServing = true;

  addTo(server: Server): void {
    this.#health.addToServer(server);
  }

  /** Tells those who watch when it is something else than before. */
  set(isServing: boolean): void {
    if (isServing === this.#isServing) return;
    this.#isServing = isServing;
    for (const name of NAMES) this.#health.setStatus(name, isServing ? "SERVING" : "NOT_SERVING");
  }
}
