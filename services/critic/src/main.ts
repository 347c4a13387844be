import { launch, runAgent } from '@troupe/nats';
import { critic } from './decide.ts';
import { role } from './role.ts';

launch(() => runAgent({ role, decider: critic }));
