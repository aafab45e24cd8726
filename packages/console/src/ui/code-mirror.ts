/**
 * The editor of code-editor.tsx, a chunk of its own. It stands in a shadow root: there CodeMirror adopts style sheets that
 * scripts construct, which the page's policy allows. In the page itself it would write a <style> element, which it refuses.
 */
import { history, historyKeymap, standardKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { yaml } from "@codemirror/lang-yaml";
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  indentOnInput,
  syntaxHighlighting,
} from "@codemirror/language";
import { setDiagnostics } from "@codemirror/lint";
import { search, searchKeymap, searchPanelOpen } from "@codemirror/search";
import { Annotation, Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { codeColors, codeTheme } from "./code-mirror-theme.js";

export type CodeLanguage = "json" | "yaml" | "text";

export interface CodeMark {
  /** Of the first character that is wrong. */
  readonly offset: number;
  readonly message: string;
}

export interface EditorSettings {
  readonly label: string;
  readonly language: CodeLanguage;
  readonly placeholder: string;
  readonly isInvalid: boolean;
}

export interface EditorOptions {
  readonly text: string;
  readonly onChange: (text: string) => void;
  /** True: the text was taken, and is not put into the editor. */
  readonly onPaste: (text: string) => boolean;
}

export interface Editor {
  readonly configure: (settings: EditorSettings) => void;
  /** Another text than what was typed last. */
  readonly show: (text: string) => void;
  readonly mark: (marks: readonly CodeMark[]) => void;
  readonly describeBy: (elements: readonly Element[]) => void;
  /** `offset`: where the cursor goes. */
  readonly focus: (offset: number | null) => void;
  readonly destroy: () => void;
}

const languages: Readonly<Record<CodeLanguage, () => Extension>> = { json, yaml, text: () => [] };
const isShown = Annotation.define<boolean>();
/** Without the keys that the page has: Ctrl+Enter sends, Alt+↑ moves a route. Tab leaves the field. */
const keys = keymap.of([...standardKeymap, ...historyKeymap, ...foldKeymap, ...searchKeymap]);

export function createEditor(host: HTMLElement, options: EditorOptions): Editor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open", delegatesFocus: true });
  const configured = new Compartment();
  let shown = options.text;
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: shown,
      extensions: [
        lineNumbers(),
        foldGutter(),
        history(),
        indentOnInput(),
        bracketMatching(),
        search({ top: true }),
        keys,
        EditorView.lineWrapping,
        syntaxHighlighting(codeColors),
        codeTheme,
        configured.of([]),
        EditorView.updateListener.of((update) => {
          // Escape closes the search first, then the dialog around the field.
          host.dataset.mantineStopPropagation = String(searchPanelOpen(update.state));
          if (!update.docChanged || update.transactions.some((each) => each.annotation(isShown))) return;
          shown = update.state.doc.toString();
          options.onChange(shown);
        }),
        EditorView.domEventHandlers({
          // Left to it, Chromium carries the colors of the replaced text over by inline styles, which the policy refuses.
          beforeinput: (event, editor) => {
            const replaced = replacedRange(event, editor);
            if (replaced === null) return false;
            event.preventDefault();
            const insert = editor.state.toText(event.data ?? "");
            editor.dispatch({
              changes: { ...replaced, insert },
              selection: { anchor: replaced.from + insert.length },
              userEvent: "input.type",
              scrollIntoView: true,
            });
            return true;
          },
          paste: (event) => {
            const isTaken = options.onPaste(event.clipboardData?.getData("text/plain") ?? "");
            if (isTaken) event.preventDefault();
            return isTaken;
          },
        }),
      ],
    }),
  });
  // A focus of the host goes to the first part that can have one, which is what scrolls.
  view.scrollDOM.addEventListener("focus", () => view.focus());
  const within = (offset: number) => Math.max(0, Math.min(offset, view.state.doc.length));
  return {
    configure: (settings) => view.dispatch({ effects: configured.reconfigure(extensionsOf(settings)) }),
    show(text) {
      if (text === shown) return;
      shown = text;
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: text },
        annotations: isShown.of(true),
      });
    },
    mark(marks) {
      const diagnostics = marks.map(({ offset, message }) => ({
        from: within(offset),
        to: within(offset + 1),
        severity: "error" as const,
        message,
      }));
      view.dispatch(setDiagnostics(view.state, diagnostics));
    },
    describeBy(elements) {
      view.contentDOM.ariaDescribedByElements = elements;
    },
    focus(offset) {
      view.focus();
      if (offset === null) return;
      view.dispatch({
        selection: { anchor: within(offset), head: within(offset + 1) },
        effects: EditorView.scrollIntoView(within(offset), { y: "center" }),
      });
    },
    destroy: () => view.destroy(),
  };
}

/** What a typed text replaces; null: nothing, or it is not typed. The page may have selected what the editor has not read yet. */
function replacedRange(event: InputEvent, editor: EditorView): { from: number; to: number } | null {
  if (event.inputType !== "insertText" || event.isComposing) return null;
  const { from, to, empty } = editor.state.selection.main;
  if (!empty) return { from, to };
  const root = editor.root as ShadowRoot & { readonly getSelection?: () => Selection | null };
  const { anchorNode, anchorOffset, focusNode, focusOffset } = root.getSelection?.() ?? {};
  if (anchorNode == null || focusNode == null) return null;
  const ends = [editor.posAtDOM(anchorNode, anchorOffset), editor.posAtDOM(focusNode, focusOffset)];
  const selected = { from: Math.min(...ends), to: Math.max(...ends) };
  return selected.from === selected.to ? null : selected;
}

function extensionsOf(settings: EditorSettings): Extension {
  return [
    languages[settings.language](),
    placeholder(settings.placeholder),
    EditorView.contentAttributes.of({
      "aria-label": settings.label,
      "aria-invalid": String(settings.isInvalid),
      autocapitalize: "off",
      spellcheck: "false",
    }),
  ];
}
