/** The settings of a schema as a Markdown table: docs/config.md is made of these. */
import type { z } from "zod";
import { settingsOf } from "./settings.js";

/** A table of name, variable, default and meaning. */
export function configTable(schema: z.ZodObject, prefix: string): string {
  const rows = settingsOf(schema, prefix).map((setting) => {
    const fallback =
      setting.defaultValue === undefined
        ? setting.required
          ? "*required*"
          : "—"
        : `\`${JSON.stringify(setting.defaultValue)}\``;
    const secret = setting.secret ? ` Secret: also from a file, \`${setting.variable}_FILE\`.` : "";
    const meaning = `${setting.description} (${setting.expected})${secret}`.replaceAll("|", "\\|");
    return `| \`${setting.name}\` | \`${setting.variable}\` | ${fallback} | ${meaning} |`;
  });
  return ["| setting | environment variable | default | meaning |", "|---|---|---|---|", ...rows].join("\n");
}
