import { readFileSync } from 'node:fs';
import { digestArguments, grantVerifier } from '@troupe/signing';
import { grantKeyFiles, launch, readSettings, runActor } from '@troupe/nats';
import { createToolbox, loadCorpus } from '@troupe/tools/run';
import { toolExecutor } from './decide.ts';
import { fewEffectsAtOnce } from './effects-at-once.ts';
import { toolPerformer } from './perform.ts';
import { role } from './role.ts';
import { Settings } from './settings.ts';

launch(async () => {
  const settings = readSettings(Settings, process.env);
  const corpus = await loadCorpus(settings.TROUPE_DOCS, settings.TROUPE_DOCS_LIMITS);
  const toolbox = createToolbox({ corpus, dataFolder: settings.TROUPE_DATA });
  const verify = grantVerifier(readFileSync(grantKeyFiles(settings.TROUPE_AUTH_DIR).publicKey, 'utf8'));
  const { log } = await runActor({
    role,
    decider: toolExecutor({ verify, digest: digestArguments }),
    performer: (_running, clock) => fewEffectsAtOnce(toolPerformer(toolbox, () => clock.now())),
  });
  log.info({ documents: corpus.documents.size, skipped: corpus.skipped.length }, 'documents loaded');
});
