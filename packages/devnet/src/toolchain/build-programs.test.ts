import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SYSTEM_PROGRAM } from '@oee/solana';
import { address } from '@solana/kit';
import { LiteSVM } from 'litesvm';
import { describe, expect, test } from 'vitest';
import { describeWith } from '../../../../test/support/requires.ts';
import { PROGRAM_NAMES, readCommittedProgram } from '../programs.ts';
import { buildProgram, findStalePrograms } from './build-programs.ts';
import { compileProgram } from './compile-program.ts';
import { readElfObject } from './elf-reader.ts';
import { linkProgram } from './link-program.ts';

const PROGRAM = 'CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C';

function compileText(source: string): Buffer {
  const directory = mkdtempSync(join(tmpdir(), 'devnet-toolchain-test-'));
  try {
    writeFileSync(join(directory, 'program.c'), source);
    return compileProgram(directory, 'program.c');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

describeWith({ needs: 'clang-19' })('the toolchain', () => {
  test('builds the committed programs from their sources, byte by byte', () => {
    expect(findStalePrograms()).toEqual([]);
  });

  test('gives the same bytes for the same source', () => {
    expect(buildProgram('raydium-cpmm').equals(buildProgram('raydium-cpmm'))).toBe(true);
  });

  test('links a program that the loader accepts, with a syscall, a local call and data', () => {
    const program = linkProgram(
      compileText(`
        extern unsigned long sol_log_(const char *, unsigned long);
        static __attribute__((noinline)) int length(const char *text) { int n = 0; while (text[n]) n++; return n; }
        unsigned long entrypoint(const unsigned char *input) {
          static const char text[] = "linked";
          (void)input;
          sol_log_(text, length(text));
          return 0;
        }`),
    );
    expect(() => new LiteSVM().addProgram(address(PROGRAM), program)).not.toThrow();
  });

  test('reads sections, symbols and relocations of a compiled object', () => {
    const object = readElfObject(
      compileText('extern void out(void); unsigned long entrypoint(void) { out(); return 0; }'),
    );
    expect(object.symbols.map(({ name }) => name)).toContain('entrypoint');
    expect(object.relocations).toMatchObject([{ type: 10, symbol: { name: 'out', sectionIndex: 0 } }]);
  });

  test('refuses a program without entry point, and one with a writable global', () => {
    expect(() => linkProgram(compileText('int other(void) { return 0; }'))).toThrow(
      'does not define entrypoint',
    );
    const counting = 'int count = 1; unsigned long entrypoint(void) { return (unsigned long)count++; }';
    expect(() => linkProgram(compileText(counting))).toThrow('writable');
  });

  test("reports the compiler's message about a wrong source", () => {
    expect(() => compileText('unsigned long entrypoint(void) { return nothing; }')).toThrow(
      "use of undeclared identifier 'nothing'",
    );
  });
});

describe('the committed programs', () => {
  test.each(PROGRAM_NAMES)('%s loads into the virtual machine', (name) => {
    const svm = new LiteSVM();
    svm.addProgram(address(PROGRAM), readCommittedProgram(name));
    const account = svm.getAccount(address(PROGRAM));
    expect(account.exists && account.executable && account.programAddress !== SYSTEM_PROGRAM).toBe(true);
  });

  test('refuses to read a file that is not a BPF object, with the reason', () => {
    expect(() => readElfObject(Buffer.alloc(64))).toThrow('not a little-endian ELF64 file');
    expect(() => readElfObject(readCommittedProgram('raydium-cpmm'))).toThrow('not a relocatable object');
  });
});
