import { readFileSync } from 'node:fs';
import { digestArguments, grantSigner, sealVerifier, warrantVerifier } from '@troupe/signing';
import { launch, readKeys, readSettings, runActor } from '@troupe/nats';
import { policyGuard } from './decide.ts';
import { masker } from './mask.ts';
import { parsePolicy } from './policy.ts';
import { role } from './role.ts';
import { Settings } from './settings.ts';

launch(async () => {
  const settings = readSettings(Settings, process.env);
  const policy = parsePolicy(readFileSync(settings.TROUPE_POLICY, 'utf8'), settings.TROUPE_POLICY);
  const keys = readKeys(settings.TROUPE_AUTH_DIR, role.name);
  const decider = policyGuard({
    policy,
    sign: grantSigner(keys),
    isWarrant: warrantVerifier(keys),
    isSealed: sealVerifier(keys),
    digest: digestArguments,
    mask: masker(policy.output.mask),
  });
  await runActor({
    role,
    decider,
    performer: () => ({ perform: () => Promise.reject(new Error('the guard asks nobody')), recall: () => undefined }),
  });
});
