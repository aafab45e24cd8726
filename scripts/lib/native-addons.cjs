// Preloaded by `npm run test:node24` into every process and thread: loads better-sqlite3 from LATCHKEY_NATIVE_ADDONS, where it is
// compiled for this Node.js. The copy in node_modules stays as it is, compiled for the Node.js that installed it.
const { basename, join } = require("node:path");

const folder = process.env.LATCHKEY_NATIVE_ADDONS;
const { dlopen } = process;
process.dlopen = function dlopenForThisNode(module, filename, ...flags) {
  const name = basename(filename);
  const own = name === "better_sqlite3.node" && folder !== undefined;
  return dlopen.call(process, module, own ? join(folder, name) : filename, ...flags);
};
