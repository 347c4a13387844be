import getPort from 'get-port';

/** How far from the wanted port is looked before any free port will do. */
const PORTS_LOOKED_AT = 200;
const PORT_MAX = 65_535;

/**
 * `count` free ports: the first free ones from `from` on, so that a monitoring set-up finds them again; any others if
 * there are too few near. `from` 0: zeros, with which each process takes any port itself.
 */
export async function freePorts(from: number, count: number, host: string): Promise<number[]> {
  if (from === 0) return Array.from({ length: count }, () => 0);
  const near = Array.from({ length: Math.min(PORTS_LOOKED_AT, PORT_MAX - from + 1) }, (_, index) => from + index);
  const ports: number[] = [];
  // One after the other: get-port gives no port away twice within half a minute.
  for (let index = 0; index < count; index += 1) ports.push(await getPort({ port: near, host }));
  return ports;
}
