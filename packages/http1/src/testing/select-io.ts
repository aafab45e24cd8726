// Selects the I/O path of a test process, as a node does at its start. Tests only.

import { ioPath } from "../io/io-path.js";

export const isPortable = process.env.LATCHKEY_INGRESS_IO === "portable";

const missing = await ioPath.select(isPortable ? "portable" : "auto");
// Without them nothing breaks and everything costs more: this version of Node.js has something otherwise.
if (missing.length > 0) throw new Error(JSON.stringify(missing));
