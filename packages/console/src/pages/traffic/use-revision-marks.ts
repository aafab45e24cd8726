/** Changes that made a revision, as marks on the time axis of charts: what was changed just before a line moved. */
import { useMemo } from "react";
import { useQuery } from "urql";
import { RevisionMarksDocument } from "../../gen/revision-marks.js";
import type { ChartMark } from "../../ui/chart-series.js";
import type { Domain } from "../../ui/chart-time.js";
import { changeText } from "../overview/change-text.js";

/** More would be a wall of lines. */
const MARKS_MAX = 30;

/** The newest changes of the API and its keys, or of everything. */
export function useRevisionMarks(apiId: string | null, [fromMs, toMs]: Domain): readonly ChartMark[] {
  const [{ data }] = useQuery({
    query: RevisionMarksDocument,
    variables: { first: MARKS_MAX, filter: { apiId } },
    requestPolicy: "cache-and-network",
  });
  return useMemo(
    () =>
      (data?.auditLog.nodes ?? []).flatMap((entry) => {
        const { at, targetName, revision } = entry;
        const atMs = Date.parse(at);
        if (revision === null || atMs < fromMs || atMs > toMs) return [];
        return [{ atMs, label: `Revision ${revision.number}: ${changeText(entry).text} ${targetName}` }];
      }),
    [data, fromMs, toMs],
  );
}
