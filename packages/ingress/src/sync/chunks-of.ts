/** Cuts what is read bit by bit into arrays of the same length, the last one maybe shorter. */
export function* chunksOf<T>(values: Iterable<T>, length: number): IterableIterator<T[]> {
  let chunk: T[] = [];
  for (const value of values) {
    chunk.push(value);
    if (chunk.length < length) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
