// Load of new connections: each brings one request, and its end is awaited. A latency is from the start of the connection to its end.
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { keepBusy, reportLatencies } from "./report.mjs";

const { port, tls, resumes, clients, seconds, key } = JSON.parse(process.argv[2]);
const REQUEST = `GET /orders/1234 HTTP/1.1\r\nHost: bench\r\nConnxio-Api-Key: ${key}\r\nConnection: close\r\n\r\n`;
const latencies = [];
let refused = 0;
let socketErrors = 0;
let reused = 0;
/** The newest ticket, which the next connection presents. */
let session;
const startedAt = performance.now();
const endsAt = startedAt + seconds * 1000;

function open() {
  if (!tls) return connect({ port, host: "127.0.0.1", noDelay: true });
  const socket = connectTls({
    port,
    host: "127.0.0.1",
    rejectUnauthorized: false,
    session: resumes ? session : undefined,
  });
  socket.setNoDelay(true);
  socket.on("session", (ticket) => {
    session = ticket;
  });
  return socket;
}

function one() {
  return new Promise((resolve) => {
    const from = performance.now();
    const socket = open();
    let status = "";
    socket.on(tls ? "secureConnect" : "connect", () => {
      if (tls && socket.isSessionReused()) reused++;
      socket.write(REQUEST);
    });
    socket.on("data", (chunk) => {
      if (status === "") status = chunk.toString("latin1", 9, 12);
    });
    socket.on("end", () => socket.end());
    socket.on("error", () => {
      socketErrors++;
    });
    socket.on("close", () => {
      if (status >= "400") refused++;
      if (status !== "") latencies.push((performance.now() - from) * 1000);
      resolve();
    });
  });
}

// The first brings the ticket for all.
if (resumes) await one();
await keepBusy(clients, endsAt, one);
reportLatencies(latencies, startedAt, {
  refused,
  socketErrors,
  resumed: reused / Math.max(1, latencies.length),
});
