import { describe, expect, test } from 'vitest';
import type { ElfObject, ElfRelocation, ElfSection, ElfSymbol } from './elf-reader.ts';
import { layOutImage } from './image-layout.ts';
import { relocate } from './relocate.ts';

const CODE_START = 232;

function section(index: number, name: string, flags: number, content: Buffer): ElfSection {
  return { index, name, type: 1, flags, alignment: 8, info: 0, link: 0, content };
}

function symbol(name: string, sectionIndex: number, value: number, isSection = false): ElfSymbol {
  return { name, sectionIndex, value, isSection };
}

/** Four instructions of code and sixteen bytes of read-only data. */
function objectWith(relocations: ElfRelocation[], data = Buffer.alloc(16)): ElfObject {
  return {
    sections: [section(1, '.text', 6, Buffer.alloc(32)), section(2, '.rodata', 2, data)],
    symbols: [],
    relocations,
  };
}

function imageOf(object: ElfObject) {
  return relocate(object, layOutImage(object));
}

describe('relocate', () => {
  test('points a wide load at data and leaves the rebasing to the loader', () => {
    const image = imageOf(
      objectWith([{ sectionIndex: 1, offset: 8, type: 1, symbol: symbol('text', 2, 4) }]),
    );
    expect(image.bytes.readUInt32LE(CODE_START + 8 + 4)).toBe(CODE_START + 32 + 4);
    expect(image.dynamicRelocations).toEqual([{ address: CODE_START + 8, type: 8, symbolIndex: 0 }]);
  });

  test('makes a call of a function in the program relative, in instructions', () => {
    const image = imageOf(objectWith([{ sectionIndex: 1, offset: 0, type: 10, symbol: symbol('f', 1, 24) }]));
    expect(image.bytes.readInt32LE(CODE_START + 4)).toBe(2);
    expect(image.dynamicRelocations).toEqual([]);
  });

  test('binds calls of one syscall to one symbol', () => {
    const calls = [0, 8, 16].map((offset) => ({
      sectionIndex: 1,
      offset,
      type: 10,
      symbol: symbol(offset === 8 ? 'sol_log_' : 'sol_panic_', 0, 0),
    }));
    const image = imageOf(objectWith(calls));
    expect(image.syscalls).toEqual(['sol_panic_', 'sol_log_']);
    expect(image.dynamicRelocations.map(({ symbolIndex }) => symbolIndex)).toEqual([1, 2, 1]);
    expect(image.bytes.readInt32LE(CODE_START + 4)).toBe(-1);
  });

  test('writes a pointer in data where the version 0 loader looks for it', () => {
    const data = Buffer.alloc(16);
    data.writeBigUInt64LE(3n, 8);
    const image = imageOf(
      objectWith([{ sectionIndex: 2, offset: 8, type: 2, symbol: symbol('', 1, 0, true) }], data),
    );
    expect(image.bytes.readUInt32LE(CODE_START + 32 + 8 + 4)).toBe(CODE_START + 3);
  });

  test('refuses undefined data and unknown relocations', () => {
    const undefinedData = [{ sectionIndex: 1, offset: 0, type: 1, symbol: symbol('elsewhere', 0, 0) }];
    expect(() => imageOf(objectWith(undefinedData))).toThrow('elsewhere is not defined');
    const unknown = [{ sectionIndex: 1, offset: 0, type: 4, symbol: symbol('x', 1, 0) }];
    expect(() => imageOf(objectWith(unknown))).toThrow('relocation type 4 against x');
  });

  test('refuses writable data, which a program on chain cannot have', () => {
    const object = { ...objectWith([]), sections: [section(1, '.data', 3, Buffer.alloc(8))] };
    expect(() => layOutImage(object)).toThrow('.data is writable');
  });
});
