import { parseArgs } from 'node:util';
import { CAST } from '../characters/cast.ts';
import { MODEL_APIS } from '../protocols.ts';
import { type Cell, faultsOf, play, PRESETS } from './matrix.ts';
import { summaryOf, tableOf } from './print.ts';

const HELP = `npm run models:matrix -- [--api ${MODEL_APIS.join('|')}] [--character name] [--preset ${PRESETS.join('|')}] [--reasons]

Report runs of a whole company on strict model servers: each character with each preset, on each API. Ends with 1 if one
hangs, spends more than its budget, or if the competent one does not complete from "medium" on.
`;

const { values } = parseArgs({
  options: {
    api: { type: 'string', multiple: true, default: [...MODEL_APIS] },
    character: { type: 'string', multiple: true, default: CAST.map(({ name }) => name) },
    preset: { type: 'string', multiple: true, default: [...PRESETS] },
    reasons: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const apis = MODEL_APIS.filter((api) => values.api.includes(api));
const presets = PRESETS.filter((preset) => values.preset.includes(preset));

const cells: Cell[] = [];
for (const api of apis) {
  for await (const cell of play(api, { characters: values.character, presets })) {
    cells.push(cell);
    const { character, preset, status, reason = '' } = cell;
    if (values.reasons && reason !== '') process.stderr.write(`${api} ${character} ${preset}: ${status}: ${reason}\n`);
  }
}
const faults = faultsOf(cells);
process.stdout.write(
  [`${tableOf(cells, presets)}\n`, summaryOf(cells), ...faults.map((fault) => `WRONG ${fault}`), ''].join('\n'),
);
process.exitCode = faults.length === 0 ? 0 : 1;
