/** A client whose upload is 16 MB, of which it sends as much as is taken until the response is there. */
import { RawClient, type RawResponse } from "@latchkey/testkit";

/** More than the kernels between client and integration keep. */
const BYTES = 16_000_000;
const PIECE = Buffer.alloc(65_536, "x");
const CHUNK = Buffer.concat([Buffer.from(`${PIECE.length.toString(16)}\r\n`), PIECE, Buffer.from("\r\n")]);

/**
 * @param head the request's, without the field that frames the body and the empty line
 * @throws when the connection ends without a response
 */
export async function interruptedUpload(
  port: number,
  head: string,
  isChunked: boolean,
): Promise<RawResponse> {
  using client = await RawClient.connect(port);
  client.send(`${head}${isChunked ? "Transfer-Encoding: chunked" : `Content-Length: ${BYTES}`}\r\n\r\n`);
  let isOver = false;
  const response = client.response();
  const over = response.then(
    () => undefined,
    () => undefined,
  );
  void over.then(() => {
    isOver = true;
  });
  for (let sent = 0; sent < BYTES && !isOver && !client.isClosed; sent += PIECE.length) {
    const bytes = isChunked ? CHUNK : PIECE.subarray(0, BYTES - sent);
    const hasRoom = client.socket.write(bytes);
    const goesOn = new Promise<void>((resolve) => {
      if (hasRoom) setImmediate(resolve);
      else client.socket.once("drain", resolve);
    });
    await Promise.race([goesOn, over]);
  }
  if (isChunked && !isOver && !client.isClosed) client.send("0\r\n\r\n");
  return await response;
}
