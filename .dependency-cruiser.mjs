// Who may import whom. `scripts/imports.ts` runs these rules, and refuses to pass when it saw no modules.
// Folders are matched, not listed: a new role under services/ is held to the same rules from its first file.

const SPEC = '\\.(spec|fixture)\\.ts$';
const PURE = '^services/[^/]+/src/(decide|state|prompt|plan)[^/]*\\.ts$';

/**
 * A rule: files that match `from` must not import what matches `to`.
 * @param {string} name @param {string} comment
 * @param {import('dependency-cruiser').IRegularForbiddenRuleType['from']} from
 * @param {import('dependency-cruiser').IRegularForbiddenRuleType['to']} to
 */
const forbid = (name, comment, from, to) => ({ name, comment, severity: /** @type {const} */ ('error'), from, to });

/**
 * A shared package may import, of the workspace, only itself and the packages listed; its specs those for specs.
 * @param {string} name @param {readonly string[]} uses @param {readonly string[]} inSpecs
 */
const sharedUses = (name, uses, inSpecs = uses) =>
  [
    { rule: `${name}-uses`, from: { path: `^shared/${name}/`, pathNot: SPEC }, may: uses },
    { rule: `${name}-specs-use`, from: { path: `^shared/${name}/.*${SPEC}` }, may: inSpecs },
  ].map(({ rule, from, may }) =>
    forbid(
      rule,
      `shared/${name} imports ${may.length === 0 ? 'no other package of the workspace' : may.join(', ')}`,
      from,
      { path: '^shared/', pathNot: `^shared/(${[name, ...may].join('|')})/` },
    ),
  );

const direction = [
  forbid('no-cycles', 'modules form no cycle', {}, { circular: true }),
  forbid('resolves', 'every import resolves', {}, { couldNotResolve: true }),
  forbid(
    'service-alone',
    'a service imports itself and shared packages, never another service',
    { path: '^services/([^/]+)/' },
    { path: '^(services|scripts|test|deploy)/', pathNot: '^services/$1/' },
  ),
  forbid(
    'shared-below',
    'a shared package knows no service, script or test',
    { path: '^shared/' },
    { path: '^(services|scripts|test|deploy)/' },
  ),
  ...sharedUses('contract', []),
  ...sharedUses('decider', []),
  ...sharedUses('telemetry', []),
  ...sharedUses('tools', ['contract']),
  ...sharedUses('signing', ['contract']),
  ...sharedUses('audit', ['contract']),
  ...sharedUses('archive', ['contract']),
  ...sharedUses('actor', ['decider', 'contract', 'telemetry'], ['audit', 'decider', 'contract', 'telemetry']),
  ...sharedUses('nats', ['actor', 'archive', 'decider', 'contract', 'telemetry']),
];

const purity = [
  forbid(
    'contract-libraries',
    'the contract depends on zod and msgpackr only',
    { path: '^shared/contract/', pathNot: SPEC },
    { pathNot: '^(shared/contract|node_modules/(zod|msgpackr))/' },
  ),
  forbid(
    'decider-libraries',
    'the decider depends on nothing',
    { path: '^shared/decider/', pathNot: SPEC },
    { pathNot: '^shared/decider/' },
  ),
  forbid(
    'pure-platform',
    'decide, state, prompt and plan import no module of Node',
    { path: PURE, pathNot: SPEC },
    { dependencyTypes: ['core'] },
  ),
  forbid(
    'pure-bus',
    'decide, state, prompt and plan import neither NATS nor a part that does I/O',
    { path: PURE, pathNot: SPEC },
    { path: '^shared/nats/|(^|/)@nats-io/|^services/[^/]+/src/(perform|main)' },
  ),
];

const doors = [
  forbid(
    'tools-run',
    'only the tool executor, scripts and tests may run tools',
    { pathNot: '^(services/tool-executor|shared/tools|scripts|test)/' },
    { path: '^shared/tools/src/run[./]' },
  ),
  forbid(
    'package-by-name',
    'another package is imported by its name, never by a relative path',
    { path: '^((?:shared|services)/[^/]+|scripts|test|deploy)/' },
    { path: '^(shared|services|scripts|test)/', pathNot: '^$1/', dependencyTypesNot: ['aliased-workspace'] },
  ),
  forbid('no-spec-import', 'a source never imports a spec', { pathNot: SPEC }, { path: '\\.spec\\.ts$' }),
  forbid(
    'no-development-import',
    'what runs in production imports no development dependency',
    { path: '^(services|shared)/', pathNot: SPEC },
    { dependencyTypes: ['npm-dev'] },
  ),
];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [...direction, ...purity, ...doors],
  options: {
    // The TypeScript 7 compiler has no API to parse with; without swc no module would be seen.
    parser: 'swc',
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(coverage|\\.troupe|browser)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.mts', '.mjs', '.js', '.json'],
    },
  },
};
