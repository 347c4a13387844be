import { DEFAULT_TENANT, subjects } from '@troupe/contract';
import type { RoleDeclaration } from '@troupe/actor';
import { type BusSettings, connectAs } from '@troupe/nats';
import { sentenceOf } from '../cli/failure.ts';
import { count } from '../cli/one-line.ts';
import { withoutPassword } from './address.ts';
import { checked, type Finding } from './finding.ts';

const ANSWER_MS_MAX = 3_000;
const CHANGE =
  'The server does not have the accounts of these roles: start it anew, with npm start or with the nats.conf that npm run nats-auth writes.';

/** Connects as each role and does what it may not: the server has to refuse it. */
export function checkPermissions(settings: BusSettings, roles: readonly RoleDeclaration[]): Promise<Finding> {
  return checked('permissions', CHANGE, async () => {
    const tried = await Promise.all(roles.map((role) => faultOf(settings, role, roles)));
    const faults = tried.filter((fault) => fault !== undefined);
    if (faults.length > 0)
      return { check: 'permissions', verdict: 'failed', says: withoutPassword(faults.join('; ')), change: CHANGE };
    const says = `${count(roles.length, 'role')} got in, and none could ask a model in another's name`;
    return { check: 'permissions', verdict: 'ok', says, facts: { roles: roles.length } };
  });
}

/**
 * What is wrong with a role's rights. It asks a model in another role's name, with nothing: if that were let through, it
 * would be stored nowhere, and who answers could not read it.
 */
async function faultOf(
  settings: BusSettings,
  { name }: RoleDeclaration,
  roles: readonly RoleDeclaration[],
): Promise<string | undefined> {
  const other = roles.find((role) => role.asksModels && role.name !== name)?.name ?? 'nobody';
  try {
    const { nc } = await connectAs(name, settings);
    try {
      await nc.request(subjects.ask(DEFAULT_TENANT, other), '', { timeout: ANSWER_MS_MAX });
      return `${name} may ask models as ${other}`;
    } catch (error) {
      const reason = sentenceOf(error);
      return /permissions violation/i.test(reason)
        ? undefined
        : `${name} was not refused to ask models as ${other}: ${reason}`;
    } finally {
      await nc.close();
    }
  } catch (error) {
    return `${name} is not let in: ${sentenceOf(error)}`;
  }
}
