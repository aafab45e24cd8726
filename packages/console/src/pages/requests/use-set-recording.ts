/** Starts and stops the recording of an API, and follows when nodes do it. */
import { useMutation } from "urql";
import { type RecordingInput, SetRecordingDocument } from "../../gen/recording.js";
import { problemOf } from "../../graphql/problem-of.js";
import { useTrackReceipt } from "../../receipts/receipt-store.js";
import { recordingReceiptsOf } from "../../receipts/receipt-subjects.js";

export interface SetRecording {
  readonly isBusy: boolean;
  /**
   * @param recording null: it stops
   * @returns why nothing was changed; null: it was
   */
  readonly set: (recording: RecordingInput | null) => Promise<string | null>;
}

export function useSetRecording(apiId: string): SetRecording {
  const track = useTrackReceipt();
  const [{ fetching }, update] = useMutation(SetRecordingDocument);
  return {
    isBusy: fetching,
    async set(recording) {
      const { data, error } = await update({ input: { id: apiId, recording } });
      const payload = data?.updateApi;
      const what = recording === null ? "Recording stopped" : "Recording started";
      track(recordingReceiptsOf(apiId), payload?.revision ?? null, { what });
      return problemOf(payload?.userErrors, error);
    },
  };
}
