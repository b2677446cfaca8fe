import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseSimpleYaml } from '../../../scripts/stream/simple-yaml.ts';
import { toJson } from '../../../scripts/yaml/node.ts';
import { parseYaml } from '../../../scripts/yaml/parse.ts';

const full = (text: string): unknown => {
  const { documents, problems } = parseYaml('x.yaml', text);
  const nodes = documents.flatMap(({ node }) => node ?? []);
  return problems.length === 0 && nodes.length === 1 ? toJson(nodes[0]!) : undefined;
};

describe('agrees with the parser for all of YAML', () => {
  const golden = join(import.meta.dirname, '../../golden/prototype');
  const documents = readdirSync(golden).flatMap((name) =>
    readFileSync(join(golden, name), 'utf8')
      .split(/^---\n/m)
      .filter((text) => text.trim() !== ''),
  );

  test('on rendered objects, of which it reads most', () => {
    const read = documents.flatMap((text) => {
      const simple = parseSimpleYaml(text);
      return simple ? [{ text, value: simple.value }] : [];
    });
    for (const { text, value } of read) expect(value).toEqual(full(text));
    expect(read.length).toBeGreaterThan(documents.length * 0.8);
  });

  test('on damaged ones, which it leaves alone or reads alike', () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    const bits = [
      ' ',
      ':',
      ': ',
      ' #',
      '- ',
      '|',
      '"',
      "'",
      '{',
      ']',
      '\n',
      '\n  ',
      '&a ',
      '*a',
      '>',
      '? ',
      '0x1',
    ];
    for (const text of documents.filter(({ length }) => length < 5_000))
      for (let i = 0; i < 3; i += 1) {
        const at = random(text.length);
        const damaged = text.slice(0, at) + bits[random(bits.length)] + text.slice(at + random(2));
        const simple = parseSimpleYaml(damaged);
        if (simple) expect(simple.value, damaged).toEqual(full(damaged));
      }
  });
});

test.each([
  'a: b # c',
  'a: &x b',
  'a: *x',
  'a: !!str 1',
  'a: [1]',
  'a: {b: c}',
  'a: b\n  c',
  'a: 1\na: 2',
  '\ta: b',
  '? a',
])('leaves to the other parser: %j', (text) => {
  expect(parseSimpleYaml(text)).toBeUndefined();
});

test('scalars have the types that Kubernetes gives them', () => {
  expect(
    parseSimpleYaml("a: yes\nb: 012\nc: 1.0\nd: '1'\ne:\nf: ~\ng: true\nh: -1\ni: --flag=x")?.value,
  ).toEqual({
    a: 'yes',
    b: 10,
    c: 1,
    d: '1',
    e: null,
    f: null,
    g: true,
    h: -1,
    i: '--flag=x',
  });
});
