import { STREAMS, subjects } from '@troupe/contract';
import type { RoleDeclaration } from '@troupe/actor';
import { type Access, accountOf } from './access.ts';
import { list, permissions, serviceImport, streamImport, text } from './conf-text.ts';

/** People and their clients, without credentials. */
export const CLIENT_ACCOUNT = 'CLIENT';
/** The command line: reads everything, changes nothing. */
export const VIEWER_ACCOUNT = 'VIEWER';

/**
 * What people may listen to without credentials: results. They come from the supervisor's own account, where it
 * publishes them; a message that reached BUS through a service import is not forwarded by a stream import.
 */
export const RESULTS = subjects.result('*');

/** What the viewer asks of BUS. An account of its own keeps its replies out of everybody's mailbox. */
export const VIEWER_SERVICES: readonly string[] = [
  ...Object.values(STREAMS).flatMap((name) => [`$JS.API.DIRECT.GET.${name}`, `$JS.API.DIRECT.GET.${name}.>`]),
  subjects.allGoals,
];

/** What a role lets the viewer see as it is published: its messages and its dead letters. */
export const viewable = ({ imports }: Access): string[] =>
  imports.map(({ subject }) => subject).filter((subject) => /^troupe\.(runs|dead)\./.test(subject));

export function renderViewer(accesses: readonly Access[], api: RoleDeclaration | undefined, key: string): string {
  const publish = [...VIEWER_SERVICES, ...(api ? [subjects.allApi] : [])];
  const subscribe = ['_INBOX_viewer.>', subjects.allMessages, subjects.allDead];
  const imports = [
    ...VIEWER_SERVICES.map((subject) => serviceImport('BUS', subject)),
    ...(api ? [serviceImport(accountOf(api.name), subjects.allApi)] : []),
    ...accesses.flatMap((access) => viewable(access).map((subject) => streamImport(access.account, subject))),
  ];
  return [
    `  ${VIEWER_ACCOUNT} {`,
    `    users: [{ nkey: ${key}, permissions: ${permissions(publish, subscribe)} }]`,
    `    imports: ${list(imports)}`,
    '  }',
  ].join('\n');
}

/** Without credentials only where `isOpen` says so: in production the account is there and nobody can enter it. */
export function renderClient(api: RoleDeclaration | undefined, isOpen: boolean): string {
  const imports = [
    serviceImport('BUS', subjects.allGoals),
    ...(api
      ? [
          streamImport(accountOf(api.name), RESULTS, 'troupe.results.$1.$2.$3'),
          serviceImport(accountOf(api.name), subjects.allApi),
        ]
      : []),
  ];
  const allowed = permissions([subjects.allGoals, subjects.allApi], ['_INBOX.>', subjects.allLiveResults]);
  return [
    `  ${CLIENT_ACCOUNT} {`,
    `    users: [${isOpen ? `{ user: client, password: client, permissions: ${allowed} }` : ''}]`,
    `    imports: ${list(imports)}`,
    '  }',
  ].join('\n');
}

export const exportStream = (subject: string, accounts: readonly string[]): string =>
  `{ stream: ${text(subject)}, accounts: [${accounts.join(', ')}] }`;
