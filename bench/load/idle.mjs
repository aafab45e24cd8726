// Connections that have had one response each and then say nothing, until this process is ended. Says so once all of them stand.
import { connect } from "node:net";
import { report } from "./report.mjs";

const { port, connections, key } = JSON.parse(process.argv[2]);
const REQUEST = `GET /orders/1234 HTTP/1.1\r\nHost: bench\r\nConnxio-Api-Key: ${key}\r\n\r\n`;
/** Opened at a time. */
const AT_ONCE = 64;
let left = connections;
let refused = 0;
let socketErrors = 0;

function one() {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" }, () => socket.write(REQUEST));
    socket.once("data", (chunk) => {
      if (chunk.toString("latin1", 9, 12) >= "400") refused++;
      resolve();
    });
    socket.on("error", () => {
      socketErrors++;
      resolve();
    });
    socket.on("end", () => socket.destroy());
  });
}

await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    while (left-- > 0) await one();
  }),
);
report({ requests: connections, durationUs: 0, p50Us: 0, p99Us: 0, p999Us: 0, refused, socketErrors });
