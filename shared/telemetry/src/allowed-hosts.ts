import { isIP, isIPv4 } from 'node:net';

/** What a port on this machine is called by programs on it. */
const LOOPBACK = ['localhost', '127.0.0.1', '::1'];
const ANY_ADDRESS = ['0.0.0.0', '::'];

/**
 * Whether a request names this server as those do who may ask. A page in a browser may point a name of its own at the
 * loopback address and read what answers (DNS rebinding): it cannot change that its request carries this name. So a
 * server that listens on one address answers to that address and, if it is the loopback, to its names. One that listens
 * on all of them answers to any address: probes call a pod by its IP. Other names have to be in `names`.
 */
export function hostCheck(bound: string, names: readonly string[] = []): (host: string | undefined) => boolean {
  const isAny = ANY_ADDRESS.includes(bound);
  const isLoopback = LOOPBACK.includes(bound) || (isIPv4(bound) && bound.startsWith('127.'));
  const allowed = new Set(
    [bound, ...(isLoopback || isAny ? LOOPBACK : []), ...names].map((name) => name.toLowerCase()),
  );
  return (host) => {
    const name = nameIn(host ?? '');
    return allowed.has(name) || (isAny && isIP(name) !== 0);
  };
}

/** The name or address of a Host header, without port and brackets; empty if it is none. */
function nameIn(host: string): string {
  const [, bracketed, plain] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^[\]:/@\s]+))(?::\d{1,5})?$/.exec(host) ?? [];
  return (bracketed ?? plain ?? '').toLowerCase();
}
