/** A recorded text with its masked parts highlighted. */
import { MASKED } from "./recorded-request.js";
import classes from "./requests.module.css";

export function MaskedText({ text }: { readonly text: string }) {
  return text.split(MASKED).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text that never changes
    <span key={index}>
      {index > 0 && (
        <mark className={classes.masked} title="Masked">
          {MASKED}
        </mark>
      )}
      {part}
    </span>
  ));
}
