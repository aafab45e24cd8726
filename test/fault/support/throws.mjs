// Preloaded into a process (`node --import`): SIGUSR2 makes it throw where nobody catches, as a bug would.
process.on("SIGUSR2", () => {
  setImmediate(() => {
    throw new Error("thrown on purpose");
  });
});
