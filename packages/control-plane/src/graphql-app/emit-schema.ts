/** `npm run schema`: writes schema.graphql, which the console and the tests read. */
import { writeFileSync } from "node:fs";
import { schemaText } from "./schema.js";

writeFileSync(new URL("../../schema.graphql", import.meta.url), schemaText());
