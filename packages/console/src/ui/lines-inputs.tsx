/** Text areas with one item a line, one below the other. */
import { Textarea, type TextareaProps } from "@mantine/core";

export interface LinesField<N extends string> {
  readonly name: N;
  readonly label: string;
  readonly description: string;
  readonly placeholder: string;
}

export interface LinesInputsProps<N extends string>
  extends Pick<TextareaProps, "classNames" | "minRows" | "maxRows"> {
  readonly fields: readonly LinesField<N>[];
  readonly values: Readonly<Record<NoInfer<N>, string>>;
  readonly errors: { at(name: NoInfer<N>): string | null };
  readonly set: (change: { readonly [K in NoInfer<N>]?: string }) => void;
}

export function LinesInputs<N extends string>({ fields, values, errors, set, ...rest }: LinesInputsProps<N>) {
  return fields.map(({ name, label, description, placeholder }) => (
    <Textarea
      key={name}
      {...rest}
      label={label}
      description={description}
      placeholder={placeholder}
      autosize
      value={values[name]}
      error={errors.at(name)}
      onChange={(event) => set({ [name]: event.currentTarget.value } as { readonly [K in N]?: string })}
      spellCheck={false}
    />
  ));
}
