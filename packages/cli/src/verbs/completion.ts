/** `latchkey completion`: a script for bash, zsh or fish, made from the commands themselves. Names and options; no values. */
import { Argument, type Command } from "commander";
import { withExamples } from "../examples.js";
import { print } from "../output.js";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

/** What may follow a path of commands: `keys rotate` → options and subcommands. */
interface Level {
  readonly path: string;
  readonly words: readonly { readonly word: string; readonly description: string }[];
}

export function addCompletionVerb(program: Command): void {
  withExamples(
    program
      .command("completion")
      .description("print a completion script for a shell")
      .addArgument(new Argument("<shell>", "the shell").choices([...SHELLS])),
    [
      "source <(latchkey completion bash)",
      "latchkey completion zsh > ~/.zfunc/_latchkey",
      "latchkey completion fish > ~/.config/fish/completions/latchkey.fish",
    ],
  ).action((shell: Shell) => {
    print(SCRIPTS[shell](levelsOf(program)));
  });
}

function levelsOf(command: Command, path = ""): Level[] {
  const commands = command.commands.flatMap((child) =>
    [child.name(), ...child.aliases()].map((name) => ({ child, name })),
  );
  const words = [
    ...commands.map(({ child, name }) => ({ word: name, description: child.description() })),
    ...command.options.map(({ long, short, description }) => ({ word: long ?? short ?? "", description })),
    { word: "--help", description: "display help" },
  ];
  return [
    { path, words },
    ...commands.flatMap(({ child, name }) => levelsOf(child, path === "" ? name : `${path} ${name}`)),
  ];
}

/** For single quotes of a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const SCRIPTS: Readonly<Record<Shell, (levels: readonly Level[]) => string>> = {
  bash: (levels) => `# latchkey: completion for bash
_latchkey() {
  local word path="" words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) [ -n "$(_latchkey_words "$path \${word}")" ] && path="$path $word" ;; esac
  done
  words="$(_latchkey_words "$path")"
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
_latchkey_words() {
  case "\${1# }" in
${levels.map(({ path, words }) => `    ${quoted(path)}) echo ${quoted(words.map(({ word }) => word).join(" "))} ;;`).join("\n")}
  esac
}
complete -F _latchkey latchkey
`,
  zsh: (levels) => `#compdef latchkey
# latchkey: completion for zsh
_latchkey() {
  local word current=""
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ $word == -* ]] && continue
    [[ -n \${_latchkey_words[\${current:+$current }$word]} ]] && current="\${current:+$current }$word"
  done
  local -a candidates=("\${(@f)_latchkey_words[\${current:-/}]}")
  _describe latchkey candidates || _files
}
typeset -gA _latchkey_words=(
${levels.map(({ path, words }) => `  ${quoted(path || "/")} ${quoted(words.map(({ word, description }) => `${word}:${description.replaceAll(":", " ")}`).join("\n"))}`).join("\n")}
)
if [ "$funcstack[1]" = "_latchkey" ]; then _latchkey "$@"; else compdef _latchkey latchkey; fi
`,
  fish: (levels) => `# latchkey: completion for fish
function __latchkey_path
    string match -v -- '-*' (commandline -opc)[2..]
end
function __latchkey_is
    set -l path (__latchkey_path)
    test "$path" = "$argv"
end
function __latchkey_at
    set -l path (__latchkey_path)
    test "$path" = "$argv"; or string match -q -- "$argv *" "$path"
end
${levels
  .flatMap(({ path, words }) =>
    words.map(({ word, description }) => {
      const option = word.startsWith("--")
        ? `-l ${word.slice(2)}`
        : word.startsWith("-")
          ? `-s ${word.slice(1)}`
          : `-f -a ${word}`;
      const condition = `${word.startsWith("-") ? "__latchkey_at" : "__latchkey_is"} ${path}`.trim();
      return `complete -c latchkey -n ${quoted(condition)} ${option} -d ${quoted(description)}`;
    }),
  )
  .join("\n")}
`,
};
