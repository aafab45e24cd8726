/**
 * What /etc/resolv.conf says of search domains (resolv.conf(5)). The name servers in it are read by c-ares itself. Pure.
 */

export interface SearchRules {
  readonly domains: readonly string[];
  /** Names with at least this many dots are tried as they are first. */
  readonly ndots: number;
}

const DOMAINS_MAX = 8;
const NDOTS_DEFAULT = 1;
const NDOTS_MAX = 15;

export function parseSearchRules(text: string): SearchRules {
  let domains: readonly string[] = [];
  let ndots = NDOTS_DEFAULT;
  for (const line of text.split("\n")) {
    const [keyword, ...values] = line.trim().split(/[ \t]+/);
    if (keyword === "search" || keyword === "domain") domains = values.map(withoutDot).filter(Boolean);
    if (keyword !== "options") continue;
    for (const option of values) {
      if (/^ndots:\d{1,3}$/.test(option)) ndots = Math.min(NDOTS_MAX, Number(option.slice("ndots:".length)));
    }
  }
  return { domains: domains.slice(0, DOMAINS_MAX), ndots };
}

/** The names to ask a name server for, in order; a name that ends in a dot is complete. */
export function namesToTry(name: string, rules: SearchRules): readonly string[] {
  if (name.endsWith(".")) return [withoutDot(name)];
  const searched = rules.domains.map((domain) => `${name}.${domain}`);
  return name.split(".").length > rules.ndots ? [name, ...searched] : [...searched, name];
}

function withoutDot(name: string): string {
  return name.replace(/\.$/, "").toLowerCase();
}
