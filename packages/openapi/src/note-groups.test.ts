import { describe, expect, it } from "vitest";
import { groupNotes } from "./note-groups.js";

describe("groups of notes", () => {
  it("are by severity and code, with their number and the first of them", () => {
    const note = (severity: string, code: string, pointer: string) => ({
      severity,
      code,
      pointer,
      message: `${pointer}.`,
    });
    const groups = groupNotes(
      [
        note("DOCUMENTATION", "schema.renamed", "/a"),
        note("BEHAVIOR", "path.unsupported", "/b"),
        note("BEHAVIOR", "parameter.style", "/c"),
        note("BEHAVIOR", "parameter.style", "/d"),
        note("ERROR", "ref.remote", "/e"),
      ],
      1,
    );
    expect(groups.map(({ severity, code, count, title }) => [severity, code, count, title])).toEqual([
      ["ERROR", "ref.remote", 1, "/e."],
      ["BEHAVIOR", "parameter.style", 2, "Styles that OpenAPI does not have for a parameter are left out."],
      ["BEHAVIOR", "path.unsupported", 1, "/b."],
      ["DOCUMENTATION", "schema.renamed", 1, "/a."],
    ]);
    expect(groups[1]?.examples.map(({ pointer }) => pointer)).toEqual(["/c"]);
  });
});
