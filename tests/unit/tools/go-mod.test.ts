import { expect, test } from 'vitest';
import { goIsAtLeast, parseGoMod } from '../../../scripts/tools/go-mod.ts';

test('directives in blocks and on single lines, without comments', () => {
  const goMod = parseGoMod(`// why
module example.com/tool

go 1.26.0

tool example.com/one

tool (
	example.com/two/cmd/a
	example.com/two/cmd/b // the other one
)

require example.com/one v1.2.3

require (
	example.com/two v0.1.0 // indirect
)

replace example.com/three => example.com/fork v1.0.1-0.20220411205349-bde1400a84be
replace (
	example.com/two v0.0.9 => example.com/two v0.1.0
)
`);
  expect(goMod.go).toBe('1.26.0');
  expect(goMod.tools).toEqual(['example.com/one', 'example.com/two/cmd/a', 'example.com/two/cmd/b']);
  expect([...goMod.requires]).toEqual([
    ['example.com/one', 'v1.2.3'],
    ['example.com/two', 'v0.1.0'],
  ]);
  expect([...goMod.replaces]).toEqual([
    ['example.com/three', 'example.com/fork v1.0.1-0.20220411205349-bde1400a84be'],
    ['example.com/two', 'example.com/two v0.1.0'],
  ]);
});

test.each([
  ['go1.26.8', '1.26.0', true],
  ['go1.26', '1.26.0', true],
  ['go1.27rc1', '1.26.0', true],
  ['go1.25.12', '1.26.0', false],
  ['go1.9', '1.26.0', false],
  ['go2.0', '1.26.0', true],
  ['', '1.26.0', false],
])('%s is at least %s: %s', (have, want, answer) => {
  expect(goIsAtLeast(have, want)).toBe(answer);
});
