import { expect, test } from 'vitest';
import { toZstdFrame } from './zstd-frame.ts';

/** What `zstd --no-check` writes. */
test.each([
  ['', '28b52ffd2000010000'],
  ['abc', '28b52ffd2003190000616263'],
])('the frame of %j equals the frame that the reference program writes', (text, frame) => {
  expect(toZstdFrame(Buffer.from(text)).toString('hex')).toBe(frame);
});

test.each([
  [255, '20ff', 1],
  [256, '600000', 1],
  [65_791, '60ffff', 1],
  [65_792, 'a000010100', 1],
  [131_073, 'a001000200', 2],
])('a frame of %i bytes states that length and holds the bytes', (size, header, blocks) => {
  const content = Buffer.from(Array.from({ length: size }, (_, index) => index % 251));
  const frame = toZstdFrame(content);
  expect(frame.subarray(4, 4 + header.length / 2).toString('hex')).toBe(header);
  expect(frame.length).toBe(4 + header.length / 2 + 3 * blocks + size);
});
