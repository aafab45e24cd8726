/** The report's notes by severity and kind, worst first. Kinds open on demand. */
import { useMemo } from "react";
import { Disclosure } from "../../ui/disclosure.js";
import { LiteralText } from "../../ui/literal-text.js";
import { Panel } from "../../ui/page.js";
import { Tag, type Tone } from "../../ui/tag.js";
import { ERRORS_SHOWN_MAX } from "./document-errors.js";
import importFormClasses from "./import-form.module.css";
import { type ImportNote, type ImportPayload, isMissingIntegration } from "./import-rows.js";
import classes from "./report-panel.module.css";
import type { Import } from "./use-import.js";

type Group = ImportPayload["noteGroups"][number];

const severities: Readonly<
  Record<Group["severity"], { readonly label: string; readonly tone: Tone; readonly text: string }>
> = {
  ERROR: { label: "Error", tone: "bad", text: "The document cannot be imported." },
  BEHAVIOR: {
    label: "Behavior",
    tone: "warn",
    text: "The gateway behaves differently from the document.",
  },
  DOCUMENTATION: {
    label: "Documentation",
    tone: "neutral",
    text: "The API's document loses or changes a description.",
  },
};
const NOTES_MAX = 200;

export function ReportPanel({ made }: { readonly made: Import }) {
  const { payload } = made.preview;
  const groups = useMemo(
    () => (payload?.noteGroups ?? []).filter((group) => !isMissingIntegration(group) && !isShownAbove(group)),
    [payload],
  );
  if (payload === null) return null;
  if (groups.length === 0)
    return payload.routes.length === 0 ? null : (
      <Panel title="Report">
        <p className={importFormClasses.plain}>Everything in the document is imported.</p>
      </Panel>
    );
  return (
    <Panel title="Report" description={summaryOf(groups)} padded={false}>
      {groups.map((group) => (
        <Disclosure
          key={`${group.severity} ${group.code}`}
          className={classes.group}
          summary={
            <>
              <span title={severities[group.severity].text}>
                <Tag tone={severities[group.severity].tone}>{severities[group.severity].label}</Tag>
              </span>
              <span className={classes.groupTitle}>
                <LiteralText text={group.title} />
              </span>
              <span className={classes.groupCount}>{group.count.toLocaleString("en")}</span>
            </>
          }
        >
          {() => <Notes notes={payload.notes} group={group} />}
        </Disclosure>
      ))}
    </Panel>
  );
}

function isShownAbove({ severity, count }: Group): boolean {
  return severity === "ERROR" && count <= ERRORS_SHOWN_MAX;
}

function Notes({ notes, group }: { readonly notes: readonly ImportNote[]; readonly group: Group }) {
  const own = notes.filter(({ severity, code }) => severity === group.severity && code === group.code);
  return (
    <>
      <ul className={classes.notes}>
        {own.slice(0, NOTES_MAX).map((note) => (
          <li key={`${note.pointer} ${note.message}`}>
            <code className={classes.pointer}>{note.pointer === "" ? "Document" : note.pointer}</code>
            <span className="lk-break">
              <LiteralText text={note.message} />
            </span>
          </li>
        ))}
      </ul>
      <p className={classes.code}>
        {own.length > NOTES_MAX && `${(own.length - NOTES_MAX).toLocaleString("en")} more are not shown. `}
        <code>{group.code}</code>
      </p>
    </>
  );
}

function summaryOf(groups: readonly Group[]): string {
  return (["ERROR", "BEHAVIOR", "DOCUMENTATION"] as const)
    .flatMap((severity) => {
      const count = groups.reduce((sum, group) => (group.severity === severity ? sum + group.count : sum), 0);
      if (count === 0) return [];
      const noun = { ERROR: "errors", BEHAVIOR: "about behavior", DOCUMENTATION: "about documentation" }[
        severity
      ];
      return [`${count.toLocaleString("en")} ${severity === "ERROR" && count === 1 ? "error" : noun}`];
    })
    .join(", ");
}
