import { NODE_COUNT } from '../faults/faults.ts';

/**
 * The node that answers at a path, for JSON-RPC and sockets alike: `/` is the port's own, `/node/2` the second on any
 * port. Null for any other path.
 */
export function nodeAt(path: string, ownNode: number): number | null {
  if (path === '/') return ownNode;
  const number = Number(/^\/node\/(\d)$/.exec(path)?.[1]);
  return number >= 1 && number <= NODE_COUNT ? number : null;
}

const OWN_ADDRESS = 'http://localhost';
/** The targets of almost all requests, since parsing a URL takes longer than some answers. */
const USUAL_TARGETS = new Map(['/', '/node/2'].map((path) => [path, new URL(path, OWN_ADDRESS)]));

/** The URL of a request; null if its target is no valid address, such as `//`. */
export function targetOf({ url = '/' }: { readonly url?: string | undefined }): URL | null {
  const usual = USUAL_TARGETS.get(url);
  if (usual !== undefined) return usual;
  return URL.canParse(url, OWN_ADDRESS) ? new URL(url, OWN_ADDRESS) : null;
}
