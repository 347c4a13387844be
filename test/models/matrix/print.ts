import type { Cell, Preset } from './matrix.ts';

const FIRST_WIDTH = 22;
const CELL_WIDTH = 32;

/** A table for people: a line for each API and character, a column for each preset. */
export function tableOf(cells: readonly Cell[], presets: readonly Preset[]): string {
  const lines = Map.groupBy(cells, ({ api, character }) => `${api} ${character}`);
  return [
    line(
      '',
      presets.map((preset) => preset),
    ),
    ...[...lines].map(([name, ofLine]) =>
      line(
        name,
        presets.map((preset) => textOf(ofLine.find((cell) => cell.preset === preset))),
      ),
    ),
  ].join('\n');
}

const line = (name: string, columns: readonly string[]): string =>
  [name.padEnd(FIRST_WIDTH), ...columns.map((column) => column.padEnd(CELL_WIDTH))].join('').trimEnd();

function textOf(cell: Cell | undefined): string {
  if (cell === undefined) return '';
  const { status, tokens, costUsd, seconds } = cell;
  const cost = costUsd === null ? '$?' : `$${costUsd.toFixed(4)}`;
  return `${status.padEnd(10)}${String(tokens).padStart(6)} ${cost} ${seconds.toFixed(1)} s`;
}

/** How often runs ended in each way. */
export function summaryOf(cells: readonly Cell[]): string {
  const counts = [...Map.groupBy(cells, ({ status }) => status)].map(([status, all]) => `${all.length} ${status}`);
  return `${cells.length} runs: ${counts.join(', ')}`;
}
