/** Which names lead back to themselves, in time linear in the number of uses (Tarjan's components, without recursion). */
export function namesInCycles(uses: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  const cyclic = new Set<string>();
  const lower = (name: string, to: number): void => {
    low.set(name, Math.min(low.get(name) ?? to, to));
  };
  for (const start of uses.keys()) {
    if (index.has(start)) continue;
    const work: { readonly name: string; next: number }[] = [{ name: start, next: 0 }];
    for (let frame = work.at(-1); frame !== undefined; frame = work.at(-1)) {
      const { name } = frame;
      if (frame.next === 0) {
        index.set(name, index.size);
        low.set(name, index.get(name) as number);
        stack.push(name);
        onStack.add(name);
      }
      const to = uses.get(name)?.[frame.next++];
      if (to !== undefined) {
        if (to === name) cyclic.add(name);
        if (!index.has(to)) work.push({ name: to, next: 0 });
        else if (onStack.has(to)) lower(name, index.get(to) as number);
        continue;
      }
      work.pop();
      const parent = work.at(-1);
      if (parent !== undefined) lower(parent.name, low.get(name) as number);
      if (low.get(name) !== index.get(name)) continue;
      const component = stack.splice(stack.lastIndexOf(name));
      for (const one of component) onStack.delete(one);
      if (component.length > 1) for (const one of component) cyclic.add(one);
    }
  }
  return cyclic;
}
