/**
 * The path of a target URL with placeholders: `/orders/{id}`. Each takes a path parameter as the client wrote it, escaped.
 * Never gives a path that leads elsewhere: where values make `.` or `..` of a segment, there is none.
 */

/** Before each placeholder, and after the last one. */
interface Part {
  readonly text: string;
  /** Name of the header that carries the parameter. */
  readonly header: string;
}

export class PathTemplate {
  readonly #parts: readonly Part[];
  readonly #end: string;

  private constructor(parts: readonly Part[], end: string) {
    this.#parts = parts;
    this.#end = end;
  }

  /** Null when there is no placeholder. `path`: as `URL` gives it, braces escaped. */
  static of(path: string): PathTemplate | null {
    const parts: Part[] = [];
    let from = 0;
    for (const match of path.matchAll(/%7B([A-Za-z0-9_-]{1,64})%7D/g)) {
      parts.push({
        text: path.slice(from, match.index),
        header: `cx-path-${(match[1] as string).toLowerCase()}`,
      });
      from = match.index + match[0].length;
    }
    return parts.length === 0 ? null : new PathTemplate(parts, path.slice(from));
  }

  /**
   * The path for a request; null when its route lacks a parameter, or a segment would be a dot segment.
   * @param headers names and values in turns, with those of the route's parameters
   */
  fill(headers: readonly string[]): string | null {
    let path = "";
    for (const { text, header } of this.#parts) {
      const at = nameIndex(headers, header);
      if (at < 0) return null;
      path += text + (headers[at + 1] as string);
    }
    path += this.#end;
    return hasDotSegment(path) ? null : path;
  }
}

function nameIndex(headers: readonly string[], name: string): number {
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === name) return i;
  return -1;
}

/**
 * RFC 3986 §5.2.4, escaped dots and parameters of segments included, as routing refuses them; and behind escaped slashes and
 * backslashes, which some servers decode before they resolve dot segments.
 */
function hasDotSegment(path: string): boolean {
  return /(?:^|\/|%2f|%5c)(?:\.|%2e){1,2}(?:[/;]|%2f|%5c|%3b|$)/i.test(path);
}
