/** HOT. The `Date` header's value (RFC 9110 §5.6.7), formatted once a second. */

let second = -1;
let text = "";

/** IMF-fixdate of now. */
export function httpDate(): string {
  const now = Math.floor(Date.now() / 1000);
  if (now !== second) {
    second = now;
    text = new Date(now * 1000).toUTCString();
  }
  return text;
}
