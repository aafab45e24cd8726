// Processes that end-to-end and browser tests start run what was built: builds what has changed since. A run on another Node.js
// (`npm run test:node24`) has built before, since building installs for the Node.js that builds.
import { build } from "../../scripts/build.mjs";

export const setup = process.env.LATCHKEY_TEST_PREBUILT === "1" ? () => undefined : build;
