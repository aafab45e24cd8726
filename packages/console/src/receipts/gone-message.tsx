/** The message about something that was deleted, with the receipt of its deletion. */
import { ReceiptStatus } from "./receipt-status.js";

export function GoneMessage({ subject, name }: { readonly subject: string; readonly name: string }) {
  return (
    <>
      “{name}” is deleted. <ReceiptStatus subject={subject} />
    </>
  );
}
