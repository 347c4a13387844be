import { launch, runAgent } from '@troupe/nats';
import { researcher } from './decide.ts';
import { role } from './role.ts';

launch(() => runAgent({ role, decider: researcher }));
