import { readFileSync } from 'node:fs';
import { digestArguments, grantSigner } from '@troupe/signing';
import { grantKeyFiles, launch, readSettings, runActor } from '@troupe/nats';
import { policyGuard } from './decide.ts';
import { masker } from './mask.ts';
import { parsePolicy } from './policy.ts';
import { role } from './role.ts';
import { Settings } from './settings.ts';

launch(async () => {
  const settings = readSettings(Settings, process.env);
  const policy = parsePolicy(readFileSync(settings.TROUPE_POLICY, 'utf8'), settings.TROUPE_POLICY);
  const sign = grantSigner(readFileSync(grantKeyFiles(settings.TROUPE_AUTH_DIR).privateKey, 'utf8'));
  const decider = policyGuard({ policy, sign, digest: digestArguments, mask: masker(policy.output.mask) });
  await runActor({
    role,
    decider,
    performer: () => ({ perform: () => Promise.reject(new Error('the guard asks nobody')), recall: () => undefined }),
  });
});
