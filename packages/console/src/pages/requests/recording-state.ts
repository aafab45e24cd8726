/** Whether an API records headers and bodies now. Pure. */

export interface RecordingUntil {
  readonly until: string;
}

export function isRecording(recording: RecordingUntil | null | undefined, nowMs: number): boolean {
  return recording != null && Date.parse(recording.until) > nowMs;
}

/** How long a recording lasts. */
export const recordingTimes = [
  { value: "15", label: "15 minutes" },
  { value: "60", label: "1 hour" },
  { value: "240", label: "4 hours" },
  { value: "1440", label: "24 hours" },
] as const;
