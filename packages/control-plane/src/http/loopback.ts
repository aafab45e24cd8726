/** Settings that depend on whether the address to listen on is reached from this machine only. */
import { isLoopbackHost } from "@latchkey/core";

/** What helps to explore the schema is on by itself only where nobody else can reach it. */
export function isOn(setting: "auto" | "on" | "off", { host }: { readonly host: string }): boolean {
  return setting === "auto" ? isLoopbackHost(host) : setting === "on";
}
