import { launch, runAgent } from '@troupe/nats';
import { writer } from './decide.ts';
import { role } from './role.ts';

launch(() => runAgent({ role, decider: writer }));
