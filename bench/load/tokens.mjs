// Load of streamed responses: the upstream stamps each chunk with the machine's monotonic clock, and a latency is from there to here.
import { Agent, request } from "node:http";
import { keepBusy, reportLatencies } from "./report.mjs";

const { port, streams, seconds, key } = JSON.parse(process.argv[2]);
const agent = new Agent({ keepAlive: true, maxSockets: streams });
const latencies = [];
let refused = 0;
let socketErrors = 0;
const startedAt = performance.now();
const endsAt = startedAt + seconds * 1000;

function one() {
  return new Promise((resolve) => {
    const sent = request(
      { agent, host: "127.0.0.1", port, path: "/stream", headers: { "connxio-api-key": key } },
      (response) => {
        if (response.statusCode >= 400) refused++;
        response.setEncoding("latin1");
        response.on("data", (text) => {
          const now = process.hrtime.bigint();
          for (const line of text.split("\n")) {
            if (line !== "") latencies.push(Number(now - BigInt(line.trim())) / 1000);
          }
        });
        response.on("close", resolve);
      },
    );
    sent.on("error", () => {
      socketErrors++;
      resolve();
    });
    sent.end();
  });
}

await keepBusy(streams, endsAt, one);
agent.destroy();
reportLatencies(latencies, startedAt, { refused, socketErrors });
