/** How long the fault suite may take: within `npm test`, as `npm run faults`, or over a night. */
export type Mode = "quick" | "normal" | "nightly";

function modeOf(text: string | undefined): Mode {
  switch (text) {
    case undefined:
    case "":
    case "quick":
      return "quick";
    case "normal":
    case "nightly":
      return text;
    default:
      throw new Error(`LATCHKEY_FAULTS is ${text}: quick, normal or nightly is expected`);
  }
}

export const mode: Mode = modeOf(process.env.LATCHKEY_FAULTS);

/** The number for this mode. */
export function rounds(quick: number, normal: number, nightly: number = normal): number {
  return { quick, normal, nightly }[mode];
}
