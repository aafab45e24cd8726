// What an upstream sends around a response, or leaves out, must never become the response to another request.
import { own } from "../support/build.js";
import {
  badGateway,
  brokenInBody,
  chunks,
  closed,
  cut,
  OK,
  plain,
  rowsFrom,
  saw,
  text,
} from "../support/hostile-upstream.js";

export const connections = rowsFrom("upstream-connection", "letter", [
  [
    "close-before-head",
    "RFC 9110 §15.6.3",
    "the end in place of a response",
    "",
    [badGateway, saw(own([503, 504]))],
    { after: "close" },
  ],
  [
    "reset-before-head",
    "RFC 9110 §15.6.3",
    "a reset in place of a response",
    "",
    [badGateway, saw(own([503, 504]))],
    { after: "reset" },
  ],
  [
    "close-in-head",
    "RFC 9112 §8",
    "the end within the head",
    `${OK}Content-Le`,
    [badGateway, closed],
    { after: "close" },
  ],
  [
    "close-after-response",
    "RFC 9112 §9.6",
    "an end without `Connection: close` after a whole response",
    plain(),
    text("hello"),
    { after: "close" },
  ],
  [
    "reset-after-response",
    "RFC 9112 §9.6",
    "a reset after a whole response",
    plain(),
    [text("hello"), badGateway, cut, closed],
    { after: "reset" },
  ],
  [
    "close-said-but-open",
    "RFC 9112 §9.6",
    "`Connection: close` on a connection that stays open: it must not be used again",
    plain("Connection: close"),
    text("hello"),
  ],
]);

export const connectionPolicies = rowsFrom("upstream-connection", "policy", [
  [
    "body-stalls",
    "RFC 9112 §8",
    "a body that stops in the middle is cut in time",
    `${OK}Content-Length: 10\r\n\r\nhello`,
    brokenInBody,
    { shortTimeouts: true },
  ],
  [
    "chunks-stall",
    "RFC 9112 §8",
    "so is one in chunks",
    chunks("5\r\nhello\r\n"),
    brokenInBody,
    { shortTimeouts: true },
  ],
]);
