/** `latchkey recording`: records headers and bodies of an API's requests in the message trail for a time. */
import { type Command, Option } from "commander";
import { type ControlPlaneOptions, clientOf, withControlPlane } from "../control-plane-options.js";
import { withExamples } from "../examples.js";
import { type FormatOptions, printItem, withFormat } from "../format/result.js";
import type { Column } from "../format/table.js";
import { find, findId } from "../resources/find.js";
import { kindNamed } from "../resources/kinds.js";
import { mutate } from "../resources/mutate.js";
import { seconds } from "../resources/parsers.js";

type Options = ControlPlaneOptions & FormatOptions;

interface RecordedApi {
  readonly id: string;
  readonly title: string;
  readonly recording: {
    readonly until: string;
    readonly mask: readonly string[];
    readonly startedBy: string | null;
  } | null;
}

const SELECTION = "id title recording { until mask startedBy }";

function columnsAt(nowMs: number): readonly Column<RecordedApi>[] {
  return [
    { title: "ID", value: ({ id }) => id },
    { title: "TITLE", value: ({ title }) => title },
    { title: "RECORDING", value: ({ recording }) => stateOf(recording, nowMs) },
    { title: "UNTIL", value: ({ recording }) => recording?.until },
    { title: "STARTED BY", value: ({ recording }) => recording?.startedBy },
    { title: "MASKED", value: ({ recording }) => recording?.mask.join(", ") || null },
  ];
}

function stateOf(recording: RecordedApi["recording"], nowMs: number): string {
  if (recording === null) return "off";
  return Date.parse(recording.until) > nowMs ? "on" : "over";
}

const HOUR_S = 3_600;

export function addRecordingVerb(program: Command): void {
  const recording = program
    .command("recording")
    .description("record headers and bodies of an API's requests for a limited time");
  const verb = (name: string, description: string, examples: readonly string[]) =>
    withExamples(
      withFormat(
        withControlPlane(recording.command(name).description(description).argument("<api>", "id or title")),
      ),
      examples,
    );

  verb("start", "start recording, with secrets masked", [
    "latchkey recording start Orders --for 30m",
    "latchkey recording start Orders --for 4h --mask '$.customer.email' --mask '$..iban'",
  ])
    .addOption(
      new Option("--for <time>", "how long, at most 24 hours: 90s, 30m, 4h")
        .argParser(seconds)
        .default(HOUR_S, "1h"),
    )
    .option(
      "--mask <path>",
      "a JSON path that is masked in addition to secrets; may be repeated",
      (path: string, before: readonly string[] = []) => [...before, path],
    )
    .action(
      async (
        text: string,
        options: Options & { readonly for: number; readonly mask?: readonly string[] },
      ) => {
        await change(text, options, { forSeconds: options.for, mask: options.mask ?? [] });
      },
    );

  verb("stop", "stop recording", ["latchkey recording stop Orders"]).action(
    (text: string, options: Options) => change(text, options, null),
  );

  verb("show", "show whether an API records, until when, who started it, and what is masked", [
    "latchkey recording show Orders",
  ]).action(async (text: string, options: Options) => {
    const client = clientOf(options);
    const api = await find(client, kindNamed("api"), text, SELECTION);
    await printItem(options, columnsAt(client.respondedAtMs), api as unknown as RecordedApi);
  });
}

async function change(text: string, options: Options, recording: object | null): Promise<void> {
  const client = clientOf(options);
  const id = await findId(client, "api", text);
  const { api } = await mutate<{ readonly api: RecordedApi }>(client, {
    mutation: "updateApi",
    selection: `api { ${SELECTION} }`,
    input: { id, recording },
    names: { id: "<api>", "recording.forSeconds": "--for", "recording.mask": "--mask" },
  });
  await printItem(options, columnsAt(client.respondedAtMs), api);
}
