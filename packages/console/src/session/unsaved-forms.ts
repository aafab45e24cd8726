/** Whether any form on the page has unsaved changes. Knows no form. */

let count = 0;

export function hasUnsavedForms(): boolean {
  return count > 0;
}

/** Until the returned function is called. */
export function holdUnsavedForm(): () => void {
  count++;
  return () => {
    count--;
  };
}
