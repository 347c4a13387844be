// Loads and indexes the folder that is named, in a process of its own, and says what became of it as one line of JSON.
import { createToolbox, loadCorpus } from '../run.ts';

const KIB_PER_MIB = 1_024;
const [folder = '', query = ''] = process.argv.slice(2);
const corpus = await loadCorpus(folder);
const toolbox = createToolbox({ corpus, dataFolder: folder });
const { evidence } = await toolbox.run(
  'search_documents',
  { query },
  { callId: 'c1', run: '0197a3f0-0000-7000-8000-000000000001', signal: new AbortController().signal },
);
process.stdout.write(
  JSON.stringify({
    read: [...corpus.documents.keys()],
    skipped: corpus.skipped,
    found: evidence.map(({ path }) => path),
    rssMibMax: Math.round(process.resourceUsage().maxRSS / KIB_PER_MIB),
  }),
);
