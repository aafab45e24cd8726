/** Colors and measures of the editor, by the tokens of both themes, which reach into its shadow root. */
import { HighlightStyle } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

export const codeColors = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--lk-get)" },
  { tag: [tags.string, tags.content], color: "var(--lk-post)" },
  { tag: [tags.number], color: "var(--lk-put)" },
  { tag: [tags.bool, tags.null, tags.keyword, tags.typeName, tags.labelName], color: "var(--lk-head)" },
  { tag: [tags.comment, tags.meta], color: "var(--lk-muted)" },
]);

export const codeTheme = EditorView.theme({
  "&": {
    minHeight: "calc(var(--rows-min) * 1.5em + 12px)",
    maxHeight: "calc(var(--rows-max) * 1.5em + 12px)",
    backgroundColor: "transparent",
    color: "var(--lk-text)",
    fontSize: "var(--lk-font-sm)",
  },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": {
    minHeight: "calc(var(--rows-min) * 1.5em + 12px)",
    overflow: "auto",
    fontFamily: "var(--lk-mono)",
    lineHeight: "1.5",
  },
  ".cm-content": {
    minHeight: "calc(var(--rows-min) * 1.5em + 12px)",
    padding: "6px 0",
    caretColor: "var(--lk-text)",
  },
  ".cm-line": { padding: "0 8px" },
  ".cm-placeholder": { color: "var(--mantine-color-placeholder)", whiteSpace: "pre-wrap" },
  ".cm-gutters": {
    minHeight: "calc(var(--rows-min) * 1.5em + 12px)",
    border: "0",
    borderRight: "1px solid var(--lk-border)",
    backgroundColor: "var(--lk-sunken)",
    color: "var(--lk-muted)",
  },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "28px", padding: "0 4px 0 8px" },
  ".cm-foldPlaceholder": {
    border: "1px solid var(--lk-border-strong)",
    backgroundColor: "var(--lk-sunken)",
    color: "var(--lk-muted)",
  },
  "&.cm-focused .cm-matchingBracket": {
    backgroundColor: "var(--lk-accent-soft)",
    outline: "1px solid var(--lk-accent)",
  },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--lk-bad-soft)" },
  ".cm-content ::selection, .cm-line::selection": { backgroundColor: "var(--lk-accent-soft)" },
  ".cm-searchMatch": { backgroundColor: "var(--lk-warn-soft)", outline: "1px solid var(--lk-warn)" },
  ".cm-searchMatch-selected": {
    backgroundColor: "var(--lk-accent-soft)",
    outline: "1px solid var(--lk-accent)",
  },
  ".cm-tooltip": {
    border: "1px solid var(--lk-border-strong)",
    borderRadius: "4px",
    backgroundColor: "var(--lk-raised)",
    color: "var(--lk-text)",
  },
  ".cm-panels": {
    borderColor: "var(--lk-border)",
    backgroundColor: "var(--lk-sunken)",
    color: "var(--lk-text)",
  },
  ".cm-panels.cm-panels-top": { borderBottom: "1px solid var(--lk-border)" },
  ".cm-panel.cm-search": { padding: "6px 8px", fontFamily: "var(--lk-font)" },
  ".cm-textfield, .cm-button": {
    border: "1px solid var(--lk-border-strong)",
    borderRadius: "4px",
    backgroundColor: "var(--lk-surface)",
    backgroundImage: "none",
    color: "var(--lk-text)",
    fontSize: "var(--lk-font-sm)",
  },
});
