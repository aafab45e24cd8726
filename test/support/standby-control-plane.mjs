// A control plane for tests that loads its code, says so, and begins at SIGUSR2: a start without the wait for modules.
// Otherwise what `latchkey control-plane` is, configured by the same environment.
import { once } from "node:events";
import { loadControlPlaneConfig, runControlPlane } from "@latchkey/control-plane";

const begun = once(process, "SIGUSR2");
const idle = setInterval(() => {}, 60_000);
process.stdout.write("loaded\n");
await begun;
const { graphqlUrl, grpcAddress } = await runControlPlane(loadControlPlaneConfig({ env: process.env }));
clearInterval(idle);
process.stdout.write(`${JSON.stringify({ graphql: graphqlUrl, grpc: grpcAddress })}\n`);
