/** The head of the response to a request of `node:http`, or why there is none, whatever the other side does. */
import type { ClientRequest, IncomingMessage } from "node:http";

/** The caller limits the time. Errors that come after the head are dropped here: those of the body are the response's. */
export function responseTo(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once("response", resolve);
    outgoing.on("error", reject); // an error that nobody listens to ends the process
    // Without an error: the other side switched protocols although nobody had asked for it.
    outgoing.once("close", () => reject(new Error("the connection was closed without a response")));
  });
}
