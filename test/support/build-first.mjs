// Processes that end-to-end and browser tests start run what was built: builds what has changed since.
export { build as setup } from "../../scripts/build.mjs";
