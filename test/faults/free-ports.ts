import getPort from 'get-port';

const FIRST = 20_000;
const RANGE = 10_000;

/** The first of `count` ports in a row that are free just now. */
export async function portsInARow(count: number): Promise<number> {
  for (;;) {
    const first = FIRST + Math.floor(Math.random() * RANGE);
    const wanted = Array.from({ length: count }, (_, index) => first + index);
    const free = await Promise.all(wanted.map((port) => getPort({ port })));
    if (free.every((port, index) => port === wanted[index])) return first;
  }
}
