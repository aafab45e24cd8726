#!/usr/bin/env node
// The `latchkey` command: from `dist`, and from the sources under the condition `@latchkey/source` (npm run dev).
import "#latchkey";
