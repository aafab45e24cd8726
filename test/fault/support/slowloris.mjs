// Opens connections whose heads never end, in a process of its own, so that its work is not that of the clients whose
// waiting is measured. Lines: "open" (all stand), "expiring" (the first was closed), "closed" (the last was).

import { writeSync } from "node:fs";
import { connect } from "node:net";

const [port, count] = process.argv.slice(2).map(Number);
const AT_ONCE = 50;
const DRIBBLE_MS = 250;
const say = (line) => writeSync(1, `${line}\n`);

const sockets = [];
let closed = 0;

function open() {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1" }, () => {
      socket.write("GET /a HTTP/1.1\r\nHost: l");
      resolve(socket);
    });
    sockets.push(socket);
    socket.on("error", reject); // after it stands, to be cut is what it is for
    socket.on("close", () => {
      if (closed++ === 0) say("expiring");
      if (closed === count) {
        say("closed");
        process.exit(0);
      }
    });
    socket.resume();
  });
}

setInterval(() => {
  for (const socket of sockets) if (socket.writable) socket.write("o");
}, DRIBBLE_MS);
for (let left = count; left > 0; left -= AT_ONCE)
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, left) }, open));
say("open");
