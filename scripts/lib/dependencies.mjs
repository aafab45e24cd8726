// Reads package-lock.json: which packages a set of workspaces needs. Plain Node.js without dependencies.

/**
 * Paths of the lock (`node_modules/x`, `packages/y`) that the workspaces need, themselves included. Optional packages that
 * npm may have left out on this machine are not among them.
 * @param packages the lock's `packages`
 * @param workspaces paths of workspaces; "" is the root
 */
export function neededPaths(packages, workspaces) {
  const needed = new Set();
  const waiting = [...workspaces];
  while (waiting.length > 0) {
    const path = waiting.pop();
    if (needed.has(path)) continue;
    needed.add(path);
    const { link, resolved, dependencies, devDependencies, peerDependencies, peerDependenciesMeta } =
      packages[path];
    if (link) {
      waiting.push(resolved);
      continue;
    }
    const isOurs = !/(^|\/)node_modules\//.test(path);
    const peers = Object.keys(peerDependencies ?? {}).filter(
      (name) => !peerDependenciesMeta?.[name]?.optional,
    );
    for (const name of [
      ...Object.keys(dependencies ?? {}),
      ...Object.keys(isOurs ? (devDependencies ?? {}) : {}),
      ...peers,
    ]) {
      const found = resolve(packages, path, name);
      if (found !== null) waiting.push(found);
    }
  }
  return needed;
}

/** As Node.js does: in the folder's own node_modules, then in those of the folders around it. */
function resolve(packages, from, name) {
  for (let folder = from; ; folder = parentOf(folder)) {
    const path = `${folder === "" ? "" : `${folder}/`}node_modules/${name}`;
    if (Object.hasOwn(packages, path)) return path;
    if (folder === "") return null;
  }
}

function parentOf(folder) {
  const cut = Math.max(folder.lastIndexOf("/node_modules/"), folder.startsWith("node_modules/") ? 0 : -1);
  return cut <= 0 ? "" : folder.slice(0, cut);
}
