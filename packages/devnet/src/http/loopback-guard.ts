import type { IncomingMessage } from 'node:http';

/** Whether a host name can only mean this machine. */
export function isLoopbackHost(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name);
}

/**
 * Why a request to a loopback address is refused, or null.
 * A web page elsewhere can reach this machine's ports through a browser: by its Origin, or by a name
 * that resolves to 127.0.0.1 in the Host.
 */
export function foreignRequest(request: IncomingMessage): string | null {
  if (isHostRepeated(request.rawHeaders)) return 'Host is there more than once.';
  const { host, origin } = request.headers;
  if (host !== undefined && !isOwnHost(host)) {
    return `Host ${host} is not this machine. Use 127.0.0.1 or localhost.`;
  }
  if (origin !== undefined && !isLoopbackHost(hostOf(origin))) {
    return `Origin ${origin} is not a page of this machine.`;
  }
  return null;
}

/** @param rawHeaders Names and values in turn. */
function isHostRepeated(rawHeaders: readonly string[]): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count > 1;
}

/** The last `Host` that was this machine: a client repeats its own with every request. */
let lastOwnHost = '';

function isOwnHost(host: string): boolean {
  if (host === lastOwnHost) return true;
  if (!isLoopbackHost(hostOf(`http://${host}`))) return false;
  lastOwnHost = host;
  return true;
}

function hostOf(url: string): string {
  try {
    return new URL(url).hostname;
  } catch {
    return '';
  }
}
