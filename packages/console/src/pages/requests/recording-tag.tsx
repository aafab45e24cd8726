/** Says that an API records headers and bodies now. Nothing while it does not. */

import { useNow } from "../../ui/clock.js";
import { Tag } from "../../ui/tag.js";
import { exactTime } from "../../ui/time-ago.js";
import { isRecording, type RecordingUntil } from "./recording-state.js";

export function RecordingTag({ recording }: { readonly recording: RecordingUntil | null | undefined }) {
  const nowMs = useNow();
  if (recording == null || !isRecording(recording, nowMs)) return null;
  return (
    <Tag tone="warn" dot title={`Headers and bodies are recorded until ${exactTime(recording.until)}`}>
      Recording
    </Tag>
  );
}
