/** Checks what a user wrote of a CORS policy. */
import { ANY_ORIGIN, type CorsPolicy, corsLimits, isToken, parseOriginPattern } from "@latchkey/core";
import type { Problems } from "../../errors/user-error.js";
import { checkNumber, type FieldPath, type Maybe } from "../../forms/form.js";

export interface CorsForm {
  readonly origins: readonly string[];
  readonly methods?: Maybe<readonly string[]>;
  readonly headers?: Maybe<readonly string[]>;
  readonly exposedHeaders?: Maybe<readonly string[]>;
  readonly credentials?: Maybe<boolean>;
  readonly maxAgeSeconds?: Maybe<number>;
}

/** Long enough that a page asks once, short enough that a change of the policy is seen soon. */
const MAX_AGE_SECONDS = 600;

/** The policy in its canonical form; what is wrong goes to `problems`. */
export function checkCors(problems: Problems, field: FieldPath, form: CorsForm): CorsPolicy {
  const origins = checkOrigins(problems, [...field, "origins"], form.origins);
  const credentials = form.credentials ?? false;
  if (credentials && origins.includes(ANY_ORIGIN))
    problems.add(
      "INVALID",
      [...field, "credentials"],
      "With the origin `*` any page could use its visitors' cookies: name the origins, or leave credentials out.",
    );
  return {
    origins,
    methods: checkNames(problems, [...field, "methods"], form.methods, corsLimits.methodsMax, upperCase),
    headers: checkNames(problems, [...field, "headers"], form.headers, corsLimits.headersMax, lowerCase),
    exposedHeaders: checkNames(
      problems,
      [...field, "exposedHeaders"],
      form.exposedHeaders,
      corsLimits.headersMax,
      lowerCase,
    ),
    credentials,
    maxAgeSeconds: checkNumber(
      problems,
      [...field, "maxAgeSeconds"],
      "The time that browsers keep a preflight response",
      form.maxAgeSeconds ?? MAX_AGE_SECONDS,
      { min: 0, max: corsLimits.maxAgeSecondsMax, unit: "s" },
    ),
  };
}

function checkOrigins(problems: Problems, field: FieldPath, texts: readonly string[]): string[] {
  if (texts.length === 0)
    problems.add(
      "REQUIRED",
      field,
      "A CORS policy has at least one origin; without a policy, set cors to null.",
    );
  if (texts.length > corsLimits.originsMax) {
    problems.add("TOO_MANY", field, `A CORS policy has at most ${corsLimits.originsMax} origins.`);
    return [];
  }
  const origins = new Set<string>();
  for (const [i, text] of texts.entries()) {
    const origin = parseOriginPattern(text);
    if (origin.ok) origins.add(origin.value);
    else problems.add("INVALID", [...field, String(i)], `\`${text.trim()}\`: ${origin.error}`);
  }
  return [...origins].sort();
}

function checkNames(
  problems: Problems,
  field: FieldPath,
  texts: Maybe<readonly string[]>,
  max: number,
  spell: (name: string) => string,
): string[] {
  if (texts == null) return [];
  if (texts.length > max) {
    problems.add("TOO_MANY", field, `At most ${max} names can be given.`);
    return [];
  }
  const names = new Set<string>();
  for (const [i, text] of texts.entries()) {
    const name = text.trim();
    if (isToken(name) && name !== "*") names.add(spell(name));
    else
      problems.add(
        "INVALID",
        [...field, String(i)],
        "A name has letters, digits and `-` only, as in `content-type`; an empty list allows all.",
      );
  }
  return [...names].sort();
}

/** Methods are case-sensitive, and browsers send those that they know in upper case. */
function upperCase(name: string): string {
  return name.toUpperCase();
}

function lowerCase(name: string): string {
  return name.toLowerCase();
}
