// All rows, in the order of the table.
import type { Row } from "../support/row.js";
import { abort } from "./abort.js";
import { connection } from "./connection.js";
import { earlyResponses } from "./early-responses.js";
import { expect } from "./expect.js";
import { framingChunked } from "./framing-chunked.js";
import { framingCoding } from "./framing-coding.js";
import { framingLength } from "./framing-length.js";
import { gateway } from "./gateway.js";
import { headers } from "./headers.js";
import { host } from "./host.js";
import { limits } from "./limits.js";
import { methods } from "./methods.js";
import { noContent } from "./no-content.js";
import { paths } from "./paths.js";
import { pipelining } from "./pipelining.js";
import { requestLine } from "./request-line.js";
import { slow } from "./slow.js";
import { targets } from "./targets.js";

export const rows: readonly Row[] = [
  ...framingLength,
  ...framingCoding,
  ...framingChunked,
  ...requestLine,
  ...headers,
  ...host,
  ...targets,
  ...paths,
  ...methods,
  ...expect,
  ...connection,
  ...pipelining,
  ...earlyResponses,
  ...noContent,
  ...limits,
  ...slow,
  ...abort,
  ...gateway,
];
