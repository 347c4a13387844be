// The import rules of `.dependency-cruiser.mjs`, checked. Run: `npm run imports`.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';

const FOLDERS = ['services', 'shared', 'scripts', 'test', 'deploy'];

/** A parser that is missing or cannot read TypeScript sees no modules and so no violations: not a pass. */
const MODULES_MIN = 20;

export interface ImportReport {
  /** Modules of this repository that were read. */
  readonly modules: number;
  /** One line per broken rule: `rule: from -> to`. */
  readonly violations: readonly string[];
}

/** Reads every source under `root` and checks its imports against the rules in `rulesPath`. */
export const checkImports = async (root: string, rulesPath: string): Promise<ImportReport> => {
  const options = await extractOptions(rulesPath);
  const folders = FOLDERS.filter((folder) => existsSync(join(root, folder)));
  const { output } = await cruise(folders, { ...options, baseDir: root, validate: true });
  if (typeof output === 'string') throw new Error('dependency-cruiser answered with text instead of a result');
  const own = output.modules.filter(({ source }) => FOLDERS.some((folder) => source.startsWith(`${folder}/`)));
  const violations = output.summary.violations.map(
    ({ rule, from, to, cycle }) => `${rule.name}: ${[from, ...(cycle?.map(({ name }) => name) ?? [to])].join(' -> ')}`,
  );
  return { modules: own.length, violations };
};

/** What is wrong with a report, empty when nothing is. */
export const judgeImports = ({ modules, violations }: ImportReport): readonly string[] =>
  modules < MODULES_MIN
    ? [...violations, `only ${modules} modules were read, expected at least ${MODULES_MIN}: the parser does not work`]
    : violations;

if (import.meta.main) {
  const root = join(import.meta.dirname, '..');
  const report = await checkImports(root, join(root, '.dependency-cruiser.mjs'));
  const problems = judgeImports(report);
  for (const problem of problems) console.error(problem);
  console.log(`imports: ${report.modules} modules, ${problems.length} problems`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
