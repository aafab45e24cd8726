/** Puts the focus into the first field that was refused, and so brings it into sight and to the reader. */

const REFUSED = '[aria-invalid="true"], [data-code-editor][data-invalid]';
/** A panel that holds the field opens, and a row of a long list is mounted, in a render of its own. */
const FRAMES_MAX = 10;

export function focusFirstRefused(framesLeft = FRAMES_MAX): void {
  requestAnimationFrame(() => {
    const dialogs = document.querySelectorAll<HTMLElement>('[role="dialog"]');
    const scope: ParentNode = dialogs[dialogs.length - 1] ?? document;
    const field = scope.querySelector<HTMLElement>(REFUSED);
    if (field !== null) field.focus();
    else if (framesLeft > 0) focusFirstRefused(framesLeft - 1);
  });
}
