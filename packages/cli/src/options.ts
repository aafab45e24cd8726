/** Parsers of option values shared by the verbs. */
import { InvalidArgumentError } from "commander";

/** A TCP port; 0 takes a free one. */
export function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535)
    throw new InvalidArgumentError("expected a port from 0 to 65535.");
  return value;
}
