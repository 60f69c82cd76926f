// Compiles what is stale: every package's src/**/*.ts to dist/**/*.js, one file at a time, types erased.
// Types are checked by `npm run check`; a start must not wait for them.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Compiles stale sources of all packages. Returns how many files were written. */
export async function build() {
  let typescript;
  let written = 0;
  for (const name of readdirSync(join(root, 'packages'))) {
    const sourceDir = join(root, 'packages', name, 'src');
    const outputDir = join(root, 'packages', name, 'dist');
    const expected = new Set();
    for (const source of listFiles(sourceDir)) {
      const isScript = source.endsWith('.ts') && !source.endsWith('.d.ts');
      if (source.endsWith('.test.ts') || source.endsWith('.suite.ts')) continue;
      const relativePath = relative(sourceDir, source);
      const output = join(outputDir, isScript ? relativePath.replace(/\.ts$/, '.js') : relativePath);
      expected.add(output);
      if (!isStale(source, output)) continue;
      mkdirSync(dirname(output), { recursive: true });
      if (isScript) {
        typescript ??= (await import('typescript')).default;
        writeFileSync(output, transpile(typescript, source));
      } else {
        writeFileSync(output, readFileSync(source));
      }
      written += 1;
    }
    for (const output of listFiles(outputDir)) if (!expected.has(output)) rmSync(output);
  }
  return written;
}

function transpile(typescript, source) {
  const { outputText, diagnostics } = typescript.transpileModule(readFileSync(source, 'utf8'), {
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
