import { digestArguments, evidenceSealer, grantVerifier } from '@troupe/signing';
import { launch, readKeys, readSettings, runActor } from '@troupe/nats';
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
  const keys = readKeys(settings.TROUPE_AUTH_DIR, role.name);
  const seal = evidenceSealer(keys);
  const { log } = await runActor({
    role,
    decider: toolExecutor({ verify: grantVerifier(keys), digest: digestArguments }),
    // Until the broker's time is known no grant is called expired: this machine's clock may be off by more than it lasts.
    performer: (_running, clock) =>
      fewEffectsAtOnce(toolPerformer(toolbox, seal, () => (clock.errorMs < Infinity ? clock.now() : 0))),
  });
  log.info({ documents: corpus.documents.size, skipped: corpus.skipped.length }, 'documents loaded');
});
