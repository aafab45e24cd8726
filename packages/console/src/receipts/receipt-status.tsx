/** The receipt of the last change of something, as a part of it: saved, being enforced, in force. */
import { Icon } from "../ui/icon.js";
import { type ReceiptState, receiptText } from "./receipt-state.js";
import classes from "./receipt-status.module.css";
import { useReceipt } from "./receipt-store.js";

type ReceiptTone = "busy" | "ok" | "warn" | "bad";

const icons = {
  busy: "loader-2",
  ok: "circle-check",
  warn: "clock-exclamation",
  bad: "exclamation-circle",
} as const;

function toneOf(state: ReceiptState): ReceiptTone {
  switch (state.kind) {
    case "saved":
    case "enforcing":
      return "busy";
    case "inForce":
      return "ok";
    case "noNodes":
      return "warn";
    case "waiting":
      return state.isRefused ? "bad" : "warn";
  }
}

export function ReceiptStatus({ subject }: { readonly subject: string }) {
  const receipt = useReceipt(subject);
  if (receipt === null) return null;
  const tone = toneOf(receipt.state);
  return (
    <span className={classes.receipt} data-tone={tone} role="status">
      <Icon name={icons[tone]} size={15} />
      <span>
        {receipt.what !== null && <>{receipt.what}. </>}
        {receiptText(receipt.state)}
      </span>
    </span>
  );
}
