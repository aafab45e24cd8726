/** Reference tokens of JSON pointers (RFC 6901 §3, §4). */

export function pointerToken(name: string): string {
  return name.replace(/~/g, "~0").replace(/\//g, "~1");
}

export function fromPointerToken(token: string): string {
  return token.replace(/~1/g, "/").replace(/~0/g, "~");
}
