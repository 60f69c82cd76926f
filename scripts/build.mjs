// Compiles what is stale: every package's src/**/*.ts to dist/**/*.js, one file at a time, types erased.
// Types are checked by `npm run check`; a start must not wait for them.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Compiles stale sources of all packages. Returns how many files were written. */
export async function build() {
  let written = 0;
  for (const name of readdirSync(join(root, 'packages')))
    written += await compileFolder(join(root, 'packages', name, 'src'), join(root, 'packages', name, 'dist'));
  return written;
}

/** Brings a folder of outputs up to date with a folder of sources. Returns how many files were written. */
export async function compileFolder(sourceDir, outputDir) {
  let written = 0;
  const expected = new Set();
  for (const source of listFiles(sourceDir)) {
    const isScript = source.endsWith('.ts') && !source.endsWith('.d.ts');
    if (source.endsWith('.test.ts') || source.endsWith('.suite.ts')) continue;
    const relativePath = relative(sourceDir, source);
    const output = join(outputDir, isScript ? relativePath.replace(/\.ts$/, '.js') : relativePath);
    expected.add(output);
    if (!isStale(source, output)) continue;
    mkdirSync(dirname(output), { recursive: true });
    const content = readFileSync(source);
    writeFileSync(output, isScript ? await transpile(source, content.toString()) : content);
    written += 1;
  }
  for (const output of listFiles(outputDir)) if (!expected.has(output)) rmSync(output);
  return written;
}

/** The JavaScript of one source, its types erased. */
export async function transpile(source, text) {
  const { default: typescript } = await import('typescript'); // Loaded only when something is stale.
  const { outputText, diagnostics } = typescript.transpileModule(text, {
    fileName: source,
    reportDiagnostics: true,
    compilerOptions: {
      target: 'es2023',
      module: 'esnext',
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
      inlineSourceMap: true,
      inlineSources: false,
    },
  });
  const problem = diagnostics?.[0];
  if (problem)
    throw new Error(`${source}: ${typescript.flattenDiagnosticMessageText(problem.messageText, '\n')}`);
  return outputText;
}

function isStale(source, output) {
  const outputStat = statSync(output, { throwIfNoEntry: false });
  return !outputStat || outputStat.mtimeMs < statSync(source).mtimeMs;
}

function* listFiles(directory) {
  if (!existsSync(directory)) return;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* listFiles(path);
    else yield path;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const written = await build();
  if (written > 0) console.log(`built ${written} files`);
}
