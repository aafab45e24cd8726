/** How a client sends the request of an operation, in one of the languages. */
import { SegmentedControl } from "@mantine/core";
import { CodeBlock } from "../../ui/code-block.js";
import { CopyButton } from "../../ui/copy-button.js";
import { codeSample, type SampleLanguage, sampleLanguages } from "./code-samples.js";
import classes from "./document-view.module.css";
import type { ListedOperation } from "./list-operations.js";
import type { OpenApiDocument } from "./openapi-types.js";
import { sampleRequest } from "./sample-request.js";

/** One for all operations of the document. */
export interface SampleChoice {
  readonly language: SampleLanguage;
  readonly setLanguage: (language: SampleLanguage) => void;
}

export interface OperationSamplesProps {
  readonly document: OpenApiDocument;
  readonly listed: ListedOperation;
  readonly choice: SampleChoice;
}

export function OperationSamples({ document, listed, choice }: OperationSamplesProps) {
  const { language, setLanguage } = choice;
  const text = codeSample(language, sampleRequest(document, listed));
  return (
    <div className={classes.samples}>
      <div className={classes.samplesHead}>
        <SegmentedControl
          size="xs"
          aria-label="Language of the sample"
          value={language}
          onChange={(value) => setLanguage(value as SampleLanguage)}
          data={sampleLanguages.map((each) => ({ ...each }))}
        />
        <CopyButton text={text} label="Copy" />
      </div>
      <CodeBlock label="Code sample" text={text} isWrapped size="small" />
    </div>
  );
}
