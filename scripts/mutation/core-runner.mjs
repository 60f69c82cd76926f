// A test runner for Stryker that loads all suites of the core once per process: Vitest loads them anew for each mutation,
// which takes longer than the tests do. Quick tests go first, and those that found other mutations; the first that fails
// ends the run. Time is processor time, so that a busy or stopped machine makes no mutation look endless.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

const FOLDERS = ['src/domain', 'src/execution', 'test', 'test/simulation'];
const ELSEWHERE = [
  'account-stream',
  'api',
  'dialects',
  'documents',
  'jupiter-venue',
  'mutants',
  'openapi',
  'run-seed',
  'slow-sockets',
];
const require = createRequire(import.meta.url);
const fromVitest = createRequire(require.resolve('vitest'));
/** In the sandbox, which is where the runner works from its start on. */
const timesFile = () => resolve('test-times.json');
const namespace = () => (globalThis.__stryker__ ??= {});

/** What a suite imports from Vitest: its own expectations, and a list of tests instead of a run. */
async function createApi() {
  const matchers = await import(pathToFileURL(fromVitest.resolve('@vitest/expect')));
  const { chai } = matchers;
  for (const plugin of [matchers.JestExtend, matchers.JestChaiExpect, matchers.JestAsymmetricMatchers])
    chai.use(plugin);
  const expect = Object.assign((value, message) => chai.expect(value, message), chai.expect);
  Object.assign(expect, globalThis[matchers.ASYMMETRIC_MATCHERS_OBJECT]);
  expect.getState = () => matchers.getState(expect);
  expect.setState = (state) => matchers.setState(state, expect);
  globalThis[matchers.GLOBAL_EXPECT] = expect;

  const root = newScope('', null);
  let scope = root;
  const within = (inner, define) => {
    const outer = scope;
    scope = inner;
    define();
    scope = outer;
  };
  const describe = (name, define) => within(newScope(name, scope), define);
  const test = (name, run) => {
    const same = scope.tests.filter((other) => other.name === name).length;
    scope.tests.push({ name, id: `${scope.path}${name}${same ? ` (${same + 1})` : ''}`, run, scope });
  };
  const each = (define) => (table) => (name, run) => {
    for (const [index, row] of table.entries()) {
      const values = Array.isArray(row) ? row : [row];
      define(`${name} #${index}`, () => run(...values));
    }
  };
  describe.each = each(describe);
  test.each = each(test);
  const hook = (kind) => (run) => scope[kind].push(run);
  return {
    root,
    /** Evaluates a suite: what it defines belongs to a scope of its own. */
    load: async (name, suite) => {
      scope = newScope(name, root);
      await suite();
      scope = root;
    },
    exports: {
      describe,
      test,
      it: test,
      expect,
      beforeAll: hook('beforeAll'),
      afterAll: hook('afterAll'),
      beforeEach: hook('beforeEach'),
      afterEach: hook('afterEach'),
      vi: {},
    },
  };
}

function newScope(name, parent) {
  const scope = { path: name ? `${parent.path}${name} > ` : '', parent, tests: [], scopes: [] };
  for (const kind of ['beforeAll', 'afterAll', 'beforeEach', 'afterEach']) scope[kind] = [];
  parent?.scopes.push(scope);
  return scope;
}

/** Builds all suites into one file and evaluates them one after the other. */
async function loadSuites(api) {
  const engine = resolve('packages/engine');
  const suites = FOLDERS.flatMap((folder) =>
    readdirSync(join(engine, folder)).map((file) => join(engine, folder, file)),
  )
    .filter((path) => path.endsWith('.test.ts') && !path.endsWith('-on-devnet.test.ts'))
    .map((path) => ({ path, name: basename(path, '.test.ts') }))
    .filter(({ name }) => !ELSEWHERE.includes(name));
  const entry = suites.map(
    ({ path, name }) => `[${JSON.stringify(name)}, () => import(${JSON.stringify(path)})]`,
  );
  const { rolldown } = await import(
    pathToFileURL(createRequire(fromVitest.resolve('vite')).resolve('rolldown'))
  );
  globalThis.suiteApi = api.exports;
  const sources = {
    suites: `export default [${entry.join(',\n')}];`,
    vitest: `export const { ${Object.keys(api.exports).join(', ')} } = globalThis.suiteApi;`,
  };
  const built = await rolldown({
    input: 'suites',
    platform: 'node',
    resolve: { conditionNames: ['source', 'node', 'import'] },
    plugins: [
      {
        name: 'suites',
        resolveId: (id) => {
          if (id in sources) return `\0${id}`;
          return /^[./]|^@oee\//.test(id) ? undefined : { id, external: true };
        },
        load: (id) => sources[id.slice(1)],
      },
    ],
  });
  const file = resolve(`packages/engine/test/suites-${process.pid}.mjs`);
  await built.write({ file, format: 'esm', codeSplitting: false });
  const { default: loaded } = await import(pathToFileURL(file));
  for (const [name, suite] of loaded) await api.load(name, suite);
}

/** Runs tests in the given order until `finished`, which is called after each, says that it is enough. */
async function run(tests, { started, finished }) {
  const entered = new Map();
  const enter = (scope) => {
    if (!entered.has(scope)) entered.set(scope, attempt(scope.beforeAll));
    return entered.get(scope);
  };
  for (const { id, run: body, scope } of tests) {
    const scopes = chainOf(scope);
    let error;
    for (const one of scopes) error ??= await enter(one);
    started(id);
    const before = cpuMs();
    error ??= await attempt(scopes.flatMap(({ beforeEach }) => beforeEach));
    error ??= await moving(body);
    const after = await attempt(scopes.toReversed().flatMap(({ afterEach }) => afterEach));
    if (finished(id, error ?? after, cpuMs() - before)) break;
  }
  for (const { afterAll } of entered.keys()) await attempt(afterAll);
}

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

const chainOf = (scope) => (scope ? [...chainOf(scope.parent), scope] : []);
const testsOf = (scope) => [...scope.tests, ...scope.scopes.flatMap(testsOf)];

/** Kills this process once it has used more processor time than its deadline says; a loop without end leaves no other way. */
function startWatchdog() {
  const deadline = new Float64Array(new SharedArrayBuffer(8));
  deadline[0] = Number.POSITIVE_INFINITY;
  const watch = `
    const { workerData } = require('node:worker_threads');
    setInterval(() => {
      const { user, system } = process.cpuUsage();
      if ((user + system) / 1000 > workerData[0]) process.kill(process.pid, 'SIGKILL');
    }, 250);`;
  new Worker(watch, { eval: true, workerData: deadline }).unref();
  return deadline;
}

/** Ends a test with an error once the process has had nothing to do for two seconds: it waits for what never comes. */
function moving(body) {
  let used = process.cpuUsage();
  let idle = 0;
  let timer;
  const standstill = new Promise((resolve) => {
    timer = setInterval(() => {
      const { user, system } = process.cpuUsage(used);
      used = process.cpuUsage();
      idle = user + system < 10_000 ? idle + 1 : 0;
      if (idle === 4) resolve(new Error('waits for what never comes'));
    }, 500);
  });
  return Promise.race([attempt([body]), standstill]).finally(() => clearInterval(timer));
}

async function attempt(steps) {
  try {
    for (const step of steps) await step();
  } catch (error) {
    return error ?? new Error('thrown');
  }
}

class CoreRunner {
  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    Object.assign(process.env, { NODE_ENV: 'test', VITEST: '1', SIM_SEEDS: '60', MODEL_RUNS: '20' });
    process.on('unhandledRejection', () => {}); // Of what a failed test left running.
    process.on('uncaughtException', () => {});
    this.api = await createApi();
    await loadSuites(this.api);
    this.tests = testsOf(this.api.root);
    this.kills = new Map();
    this.deadline = startWatchdog();
  }

  async dryRun() {
    const ns = namespace();
    ns.activeMutant = undefined;
    const tests = await this.#run(this.tests, { bail: false });
    writeFileSync(
      timesFile(),
      JSON.stringify(Object.fromEntries(tests.map((one) => [one.id, one.timeSpentMs]))),
    );
    return { status: 'complete', tests, mutantCoverage: ns.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, disableBail }) {
    const ns = namespace();
    const mark = resolve(`packages/engine/test/endless-${activeMutant.id}`);
    if (existsSync(mark)) return { status: 'timeout', reason: 'endless' };
    writeFileSync(mark, ''); // Stryker starts a killed process again, with the same mutation.
    Object.assign(ns, { activeMutant: activeMutant.id, hitCount: 0, hitLimit });
    let tests;
    try {
      tests = await this.#run(this.#byPromise(new Set(testFilter)), { bail: !disableBail });
    } finally {
      rmSync(mark);
    }
    if (hitLimit !== undefined && ns.hitCount > hitLimit)
      return { status: 'timeout', reason: `hit ${ns.hitCount} times` };
    const killers = tests.filter(({ status }) => status === 1);
    if (killers.length === 0) return { status: 'survived', nrOfTests: tests.length };
    for (const { id } of killers) this.kills.set(id, (this.kills.get(id) ?? 0) + 1);
    return {
      status: 'killed',
      nrOfTests: tests.length,
      killedBy: killers.map(({ id }) => id),
      failureMessage: killers[0].failureMessage,
    };
  }

  /** Quick ones first, and those that found other mutations. */
  #byPromise(wanted) {
    this.times ??= JSON.parse(readFileSync(timesFile(), 'utf8'));
    const cost = ({ id }) => (1 + this.times[id]) / (1 + (this.kills.get(id) ?? 0));
    return this.tests.filter(({ id }) => wanted.has(id)).sort((a, b) => cost(a) - cost(b));
  }

  async #run(wanted, { bail }) {
    const tests = [];
    await run(wanted, {
      started: (id) => {
        namespace().currentTestId = id;
        if (bail) this.deadline[0] = cpuMs() + 2_500 + 5 * this.times[id];
      },
      finished: (id, error, timeSpentMs) => {
        namespace().currentTestId = undefined;
        this.deadline[0] = Number.POSITIVE_INFINITY;
        const result = { id, name: id, timeSpentMs };
        tests.push(
          error
            ? { ...result, status: 1, failureMessage: String(error?.message ?? error) }
            : { ...result, status: 0 },
        );
        return bail && error !== undefined;
      },
    });
    return tests;
  }
}

const createRunner = () => new CoreRunner();
createRunner.inject = [];
export const strykerPlugins = [{ kind: 'TestRunner', name: 'core', factory: createRunner }];
