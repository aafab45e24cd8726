/**
 * The parts of a body of `multipart/form-data`, by busboy. Bounded by the body that is given and by the number of parts.
 * Asynchronous, as streams are: only threads read such bodies.
 */
import { Busboy, type BusboyInstance } from "@fastify/busboy";
import { PAIRS_MAX } from "./parameter-styles.js";

export interface Part {
  readonly name: string;
  /** Lower case, without parameters; `text/plain` when the part names none. */
  readonly contentType: string;
  readonly isFile: boolean;
  readonly bytes: Buffer;
}

/** Null: it is no form, or has too many parts. @param contentType with its boundary */
export async function readParts(contentType: string, body: Uint8Array): Promise<readonly Part[] | null> {
  return new Promise((resolve) => {
    const parts: Part[] = [];
    let busboy: BusboyInstance;
    try {
      busboy = new Busboy({
        headers: { "content-type": contentType },
        limits: { parts: PAIRS_MAX, headerPairs: 100 },
        // All parts come as bytes: what they are is the schema's to say.
        isPartAFile: () => true,
      });
    } catch {
      resolve(null);
      return;
    }
    busboy.on("file", (name: string | undefined, stream, filename: string | undefined, _encoding, type) => {
      const pieces: Buffer[] = [];
      stream.on("data", (piece: Buffer) => pieces.push(piece));
      stream.on("error", () => resolve(null));
      stream.on("end", () => {
        if (typeof name !== "string") resolve(null);
        else
          parts.push({
            name,
            contentType: type,
            isFile: typeof filename === "string",
            bytes: Buffer.concat(pieces),
          });
      });
    });
    busboy.on("partsLimit", () => resolve(null));
    busboy.on("error", () => resolve(null));
    busboy.on("finish", () => resolve(parts));
    busboy.end(body);
  });
}
