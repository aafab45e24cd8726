/** gRPC server reflection, so that grpcurl and the like need no .proto files. Off where strangers may come (`grpc.reflection`). */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Server } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { protoPath as healthProto } from "grpc-health-check";

/** Beside a bundle, and in a checkout. */
const PROTO_DIRS = ["./proto", "../../../../proto"]
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .filter((path) => existsSync(path));

/** @throws Error when the .proto files are not beside the packages */
export function addReflection(server: Server): void {
  const options = { keepCase: true, includeDirs: PROTO_DIRS };
  const stream = loadSync("latchkey/snapshot/v1/snapshot_service.proto", options);
  new ReflectionService({ ...stream, ...loadSync(healthProto, options) }).addToServer(server);
}
