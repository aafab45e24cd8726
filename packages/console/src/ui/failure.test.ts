import { CombinedError } from "@urql/core";
import { expect, it } from "vitest";
import { failureText } from "./failure.js";

it("tells a control plane that failed from one that is not there", () => {
  const textOf = (status: number) =>
    failureText(
      new CombinedError({ networkError: new Error("boom"), response: new Response(null, { status }) }),
    );
  expect(textOf(500)).toBe("The control plane failed (status 500). Its log says why.");
  expect(textOf(502)).toBe("The control plane cannot be reached. It may be restarting.");
  expect(failureText(new CombinedError({ networkError: new Error("gone") }))).toContain("cannot be reached");
});
