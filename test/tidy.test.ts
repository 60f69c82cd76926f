import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { read, repositoryFiles } from './support/repository-files.ts';

/** Files that may be longer than 300 lines, and why. Tests, suites, fixtures and vectors may anyway. */
const LONG_FILES: Record<string, string> = {
  'packages/api-schema/src/operations.ts': 'one table of all operations',
  'packages/devnet/programs/meteora-damm-v2.c': 'one on-chain program, read from top to bottom',
  'packages/devnet/programs/meteora-dlmm.c': 'one on-chain program, read from top to bottom',
  'packages/devnet/programs/raydium-amm-v4.c': 'one on-chain program, read from top to bottom',
  'packages/devnet/programs/raydium-clmm.c': 'one on-chain program, read from top to bottom',
  'packages/devnet/programs/raydium-cpmm.c': 'one on-chain program, read from top to bottom',
};

/** Functions that may be longer than 70 lines, and why. Those of tests, suites and benchmarks may anyway. */
const LONG_FUNCTIONS: Record<string, string> = {};

/** Words that say nothing about what a file holds. */
const EMPTY_NAMES = /^(utils?|helpers?|common|shared|misc|types)$/;
const EMPTY_WORDS = /(^|-)(utils?|helpers?|misc|managers?|services?)(-|$)/;

/** Pronouns that hide who acts: a comment and the title of a test name the worker, the node or the client. */
const UNNAMED_ACTORS = /\b(nobody|whoever|somebody|someone|anybody)\b/i;

const isVague = (title: string) => UNNAMED_ACTORS.test(title);

/** The comment of a line, or of a line within a longer comment. */
const COMMENT = /(?:^\s*(?:\*|\/\*|\/\/|--)|\s\/\/ |\/\*).*/;
const isVagueComment = (line: string) => isVague(COMMENT.exec(line)?.[0] ?? '');

const isTest = (file: string) => /\.(test|suite)\.ts$/.test(file);
const isData = (file: string) => /\/(fixtures|vectors)\//.test(file);
const isOfTests = (file: string) => /(^|\/)(test|bench)\//.test(file);
const isCode = (file: string) => /\.(ts|tsx|mjs|cjs|c|h)$/.test(file) && !isData(file);
const itself = 'test/tidy.test.ts';

const code = repositoryFiles.filter(isCode);
const text = repositoryFiles.filter((file) => !isData(file) && file !== itself);

describe('files', () => {
  test('are found at all', () => {
    expect(code.length).toBeGreaterThan(100);
    expect(repositoryFiles).toContain('packages/engine/src/execution/execute-order.ts');
  });

  test('have at most 300 lines, tables and tests aside', () => {
    const long = code.filter((file) => !isTest(file) && read(file).split('\n').length - 1 > 300);
    expect(long).toEqual(Object.keys(LONG_FILES));
  });

  test('have kebab-case names, and so have their folders', () => {
    const odd = code.filter((file) => !isKebabCase(file));
    expect(odd).toEqual([]);
  });

  test('have a name that says what they hold', () => {
    const stems = (file: string) => file.split('/').map((part) => part.replace(/\..*$/, ''));
    const empty = code.filter((file) =>
      stems(file).some((stem) => EMPTY_NAMES.test(stem) || EMPTY_WORDS.test(stem)),
    );
    expect(empty).toEqual([]);
  });

  test('have Unix line ends and end with one', () => {
    const broken = text.filter((file) => /\r\n|[^\n]$/.test(read(file)));
    expect(broken).toEqual([]);
  });

  test('have comments with a named subject', () => {
    const vague = code
      .filter((file) => file !== itself)
      .flatMap((file) =>
        read(file)
          .split('\n')
          .filter(isVagueComment)
          .map((line) => `${file}: ${line}`),
      );
    expect(vague).toEqual([]);
    const planted = [
      '/** Nobody reads. */',
      ' * whoever asks',
      'run(); // for somebody',
      "const who = 'nobody'; // A name.",
    ];
    expect(planted.filter(isVagueComment)).toEqual(planted.slice(0, 3));
  });

  test('leave nothing to be done later', () => {
    expect(linesWith(text, /\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
  });

  test('name no path and no package registry of one machine', () => {
    const machinePath = /(^|[\s'"`(=:])\/(work|root|home|Users)\/\w|\.\.\/shared\/|\/\.library\//;
    const registry = /https?:\/\/[^/\s'"`]*(registry|artifactory|nexus|verdaccio)[^/\s'"`]*/;
    expect(linesWith(text, machinePath)).toEqual([]);
    expect(linesWith(text, registry)).toEqual([]);
  });
});

describe('tests', () => {
  const tests = repositoryFiles.filter(isTest).filter((file) => file !== itself);

  test('run all: no test is marked only, todo or fails', () => {
    expect(linesWith(tests, /\b(test|it|describe|suite)(\.\w+)*\.(only|todo|fails)\b/)).toEqual([]);
  });

  test('are skipped only with a reason: the program that they need, or a comment', () => {
    const skips = linesWith(
      tests,
      /\b(test|it|describe|suite)(\.\w+)*\.(skip|skipIf|runIf)\b|\bctx\.skip\(|context\.skip\(/,
    );
    expect(skips.filter((line) => !/\/\/ \w{3,}|\(needs \w/.test(line))).toEqual([]);
  });

  test('have titles with a named subject', () => {
    const titles = tests.flatMap((file) => titlesOf(read(file)).map((title) => `${file}: ${title}`));
    expect(titles.length).toBeGreaterThan(1_500);
    expect(titles.filter(isVague)).toEqual([]);
  });

  test('a title is found in every form of a test or a suite, and not in other texts', () => {
    const planted = [
      "test('tells nobody', () => expect('somebody').toBe('anybody'));",
      "describe.each([1])('whoever asks', () => {});",
      "test.concurrent.each`a`('Someone reads', () => {});",
      `describeWith({ needs: 'redis' })(\`anybody at \${place}\`, () => {});`,
      "test('a worker claims an order', () => {}); // nobody",
    ];
    expect(titlesOf(planted.join('\n')).filter(isVague)).toEqual([
      'tells nobody',
      'whoever asks',
      'Someone reads',
      `anybody at \${place}`,
    ]);
  });

  test('mock nothing of our own', () => {
    const own = tests.filter((file) => file.startsWith('packages/engine/') || file.startsWith('test/'));
    expect(own.length).toBeGreaterThan(80);
    expect(own.flatMap((file) => mocks(read(file), file).map((mock) => `${file}: ${mock}`))).toEqual([]);
  });

  test('a mock is a replaced method of a port, a cast to a port, or one of the library', () => {
    const planted = [
      'const a = vi.fn();',
      "vi.spyOn(bus, 'publish');",
      'const b = { ...engine.orders, transition };',
      'const c = { ...world.engine, chain };',
      'const d = () => ({ ...node!, send });',
      'Object.assign(world.engine.queue, { wake });',
      'const e = { dueOrders } as unknown as Ports;',
      'const chain = { onSlot } as Chain;',
      'const f: ChainNode = { name };',
      'queue.wake = () => {};',
    ];
    expect(planted.map((source) => mocks(source).length)).toEqual(planted.map(() => 1));
    const harmless = [
      "vi.setConfig({ testTimeout: 1 }); await vi.waitFor(() => expect(a).toBe('vi.fn()'));",
      'const g = { ...order, sequence: 1 }; const h = [...orders, other]; start({ ...ports, env });',
      'const i = lyingNode(node, { send }); Object.assign(event, { data }); // { ...engine.orders }',
      'const j: ChainNode = lyingNode(node, {}); const k = text as unknown as OrderEvent; const l = nodes[0] as ChainNode;',
    ];
    expect(harmless.flatMap((source) => mocks(source))).toEqual([]);
  });
});

describe('sources', () => {
  const sourcesOf = (...folders: string[]) =>
    code.filter(
      (file) => folders.some((folder) => file.startsWith(folder)) && file.endsWith('.ts') && !isTest(file),
    );

  test('of the engine, the mathematics and the contract make no floating-point money', () => {
    const sources = sourcesOf('packages/engine/src/', 'packages/amm/src/', 'packages/api-schema/src/');
    expect(sources.length).toBeGreaterThan(100);
    expect(usesOf(sources, ['parseFloat', 'toFixed'])).toEqual([]);
  });

  test('have functions of at most 70 lines', () => {
    const sources = code.filter(
      (file) => /\.(ts|tsx|mjs|cjs)$/.test(file) && !isTest(file) && !isOfTests(file),
    );
    expect(sources.length).toBeGreaterThan(400);
    const long = sources.flatMap((file) => longFunctions(read(file), file).map((name) => `${file}: ${name}`));
    expect(long).toEqual(Object.keys(LONG_FUNCTIONS));
  });

  test('a function is as long as its lines, those inside it included', () => {
    const lines = (count: number) => '\n'.repeat(count - 2);
    expect(longFunctions(`function most() {${lines(70)}\n}`)).toEqual([]);
    expect(longFunctions(`function long() {${lines(71)}\n}`)).toEqual(['long']);
    expect(longFunctions(`const arrow = async () => {${lines(71)}\n};`)).toEqual(['arrow']);
    expect(longFunctions(`class A { method() {${lines(71)}\n} }`)).toEqual(['method']);
    expect(longFunctions(`run(() => {${lines(71)}\n});`)).toEqual(['a function without a name']);
    expect(longFunctions(`function outer() {\n  function inner() {${lines(71)}\n}\n}`)).toEqual([
      'outer',
      'inner',
    ]);
  });

  test('of domain and execution draw no chance and set no timer', () => {
    const sources = sourcesOf('packages/engine/src/domain/', 'packages/engine/src/execution/');
    expect(sources.length).toBeGreaterThan(20);
    expect(usesOf(sources, ['Math.random', 'AbortSignal.timeout'])).toEqual([]);
  });

  test('of domain and execution keep no state at module level', () => {
    const sources = sourcesOf('packages/engine/src/domain/', 'packages/engine/src/execution/');
    expect(sources.length).toBeGreaterThan(20);
    const state = sources.flatMap((file) => moduleState(read(file)).map((name) => `${file}: ${name}`));
    expect(state).toEqual([]);
  });

  test('state at module level is a variable or a collection that can be filled', () => {
    expect(moduleState('let last = 0;')).toEqual(['last']);
    expect(moduleState('export let last: number | undefined;')).toEqual(['last']);
    expect(moduleState('const texts = new WeakMap<object, string>();')).toEqual(['texts']);
    expect(moduleState('const seen: Set<string> = new Set();')).toEqual(['seen']);
    expect(moduleState('const memory = { seen: new Map() };')).toEqual(['memory']);
    expect(moduleState('const TABLE: ReadonlyMap<string, number> = new Map([["a", 1]]);')).toEqual([]);
    expect(moduleState('const create = () => { let last = 0; return new Map(); };')).toEqual([]);
    expect(moduleState('function create() { let last = 0; return new Set(); }')).toEqual([]);
  });

  test('a use is found in code, and not in a comment or a string', () => {
    const uses = (source: string) => [...namesUsed(source)];
    expect(uses('const a = Number.parseFloat(b); Math.random();')).toEqual(
      expect.arrayContaining(['parseFloat', 'Math.random']),
    );
    expect(uses('// parseFloat\nconst a = "toFixed"; /* Math.random */')).toEqual(['a']);
  });
});

function isKebabCase(file: string): boolean {
  const folders = file.split('/');
  const name = folders.pop() as string;
  const kebab = /^\.?[a-z0-9]+(-[a-z0-9]+)*$/;
  const stem = name.replace(/(\.(test|suite|config))?\.\w+$/, '');
  return kebab.test(stem) && folders.every((folder) => kebab.test(folder));
}

/** `file:line: text` of each line that the pattern matches. */
function linesWith(files: readonly string[], pattern: RegExp): string[] {
  return files.flatMap((file) => {
    const content = read(file);
    if (!new RegExp(pattern.source, 'm').test(content)) return [];
    return content
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : []));
  });
}

/** `file: name` of each forbidden name that a file's code uses. */
function usesOf(files: readonly string[], names: readonly string[]): string[] {
  return files.flatMap((file) => {
    const used = namesUsed(read(file));
    return names.filter((name) => used.has(name)).map((name) => `${file}: ${name}`);
  });
}

/** The titles of a source's tests and suites, in order; of a template its text as written. */
function titlesOf(source: string): string[] {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.ES2023, true);
  const titles: string[] = [];
  const visit = (node: ts.Node): void => {
    const [title] = ts.isCallExpression(node) ? node.arguments : [];
    if (title && isText(title) && startsTest(node)) titles.push(title.getText().slice(1, -1));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return titles;
}

const isText = (node: ts.Node): boolean => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);

/** Whether a call is one of `test`, `describe.each(…)`, `describeWith(…)` and the like. */
function startsTest(call: ts.Node): boolean {
  let callee = call;
  while (!ts.isIdentifier(callee)) {
    if (ts.isCallExpression(callee) || ts.isPropertyAccessExpression(callee)) callee = callee.expression;
    else if (ts.isTaggedTemplateExpression(callee)) callee = callee.tag;
    else return false;
  }
  return /^(test|it|describe|describeWith|suite)$/.test(callee.text);
}

/** The names of a source's functions of more than 70 lines, in order. */
function longFunctions(source: string, fileName = 'source.ts'): string[] {
  const file = ts.createSourceFile(fileName, source, ts.ScriptTarget.ES2023, true);
  const lineOf = (position: number) => file.getLineAndCharacterOfPosition(position).line;
  const long: string[] = [];
  const visit = (node: ts.Node): void => {
    const isLong = lineOf(node.end) - lineOf(node.getStart(file)) + 1 > 70;
    if (isLong && ts.isFunctionLike(node) && 'body' in node) long.push(nameOf(node));
    if (isLong) ts.forEachChild(node, visit);
  };
  visit(file);
  return long;
}

/** Variables at module level that can change, and constants that hold a collection which is not read-only. */
function moduleState(source: string): string[] {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.ES2023, true);
  const lists = file.statements.filter(ts.isVariableStatement).map((statement) => statement.declarationList);
  return lists.flatMap((list) =>
    list.declarations
      .filter(({ type, initializer }) => {
        if (!(list.flags & ts.NodeFlags.Const)) return true;
        const isTable = /^Readonly(Map|Set)\b/.test(type?.getText() ?? '');
        return !isTable && initializer !== undefined && makesCollection(initializer);
      })
      .map(({ name }) => name.getText()),
  );
}

/** Whether evaluating the expression makes a collection; what a function makes when it is called does not count. */
function makesCollection(node: ts.Node): boolean {
  if (ts.isFunctionLike(node)) return false;
  if (ts.isNewExpression(node) && /^(Weak)?(Map|Set)$/.test(node.expression.getText())) return true;
  return ts.forEachChild(node, makesCollection) ?? false;
}

/** Variables and members that hold a port, a part of one, or an engine of them; venues by their names. */
const PORTS = /^(engine|chain|node|anyNode|orders|store|signer|venue|lease|raydium|meteora)$/;
const MEMBERS = /^(queue|bus|market|tokens|clock|random|remembered|observer)$/;
const PORT_TYPES =
  /^(Ports|Engine|With[A-Z]\w+|Chain|ChainNode|Venue|OrderStore|ReceiptStore|WorkQueue|EventBus|Signer|LeaderLease)$/;

/** Where a test's source puts something else in place of a port or of one of its methods, in order. */
function mocks(source: string, fileName = 'source.ts'): string[] {
  const file = ts.createSourceFile(fileName, source, ts.ScriptTarget.ES2023, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (isMock(node)) found.push(node.getText().split('\n')[0]!);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function isMock(node: ts.Node): boolean {
  if (ts.isSpreadAssignment(node)) return isPort(node.expression);
  if (ts.isAsExpression(node)) {
    const { expression, type } = node;
    return isPortType(type) && (ts.isAsExpression(expression) || ts.isObjectLiteralExpression(expression));
  }
  if (ts.isVariableDeclaration(node))
    return (
      isPortType(node.type) &&
      node.initializer !== undefined &&
      ts.isObjectLiteralExpression(node.initializer)
    );
  if (ts.isBinaryExpression(node))
    return (
      node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
      (ts.isArrowFunction(node.right) || ts.isFunctionExpression(node.right)) &&
      ts.isPropertyAccessExpression(node.left) &&
      (isPort(node.left.expression) || MEMBERS.test(node.left.expression.getText()))
    );
  if (!ts.isCallExpression(node)) return false;
  const called = node.expression.getText();
  if (called === 'Object.assign') return node.arguments[0] !== undefined && isPort(node.arguments[0]);
  return /^vi\.(fn|mock|doMock|spyOn)$/.test(called);
}

function isPort(expression: ts.Expression): boolean {
  if (ts.isNonNullExpression(expression)) return isPort(expression.expression);
  if (ts.isIdentifier(expression)) return PORTS.test(expression.text);
  if (!ts.isPropertyAccessExpression(expression)) return false;
  return PORTS.test(expression.name.text) || MEMBERS.test(expression.name.text);
}

const isPortType = (type: ts.TypeNode | undefined): boolean => PORT_TYPES.test(type?.getText() ?? '');

function nameOf({ name, parent }: ts.SignatureDeclaration): string {
  const found =
    name ?? (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent.name : null);
  return found?.getText() ?? 'a function without a name';
}

/** The identifiers of a source and its `object.member` pairs. */
function namesUsed(source: string): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) names.add(node.text);
    if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression)) {
      names.add(`${node.expression.text}.${node.name.text}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('source.ts', source, ts.ScriptTarget.ES2023));
  return names;
}
