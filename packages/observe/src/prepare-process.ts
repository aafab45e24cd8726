/**
 * Imported first by every process of Latchkey, for its effect: nothing from outside opens a debugger or ends the process
 * by closing its output, and distant servers are connected to. Imports nothing itself, so that it runs before anything else is loaded.
 */

// Node.js opens its debugger on SIGUSR1 unless there is a listener; `--disable-sigusr1` does not exist in Node 20.
process.on("SIGUSR1", () => undefined);
// A reader that is gone fails each write with EPIPE, and an error event without a listener ends the process.
process.stderr.on("error", () => undefined);
// Node.js gives an address up after 250 ms where the name has another one: a distant Redis, issuer or collector was never reached.
process.getBuiltinModule("node:net").setDefaultAutoSelectFamilyAttemptTimeout(1_000);
