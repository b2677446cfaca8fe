import { describe, expect, test } from 'vitest';
import { at, type Node, originAt, toJson } from '../../../scripts/yaml/node.ts';
import { parseYaml } from '../../../scripts/yaml/parse.ts';

/** The one document of a text. */
const node = (text: string): Node => {
  const { documents, problems } = parseYaml('a.yaml', text);
  expect(problems).toEqual([]);
  expect(documents).toHaveLength(1);
  return documents[0]!.node!;
};

const problems = (text: string): string[] =>
  parseYaml('a.yaml', text).problems.map(
    ({ code, message, origin }) => `${code} ${origin.line}:${origin.column} ${message}`,
  );

describe('values', () => {
  test('plain text is resolved, quoted text is not', () =>
    expect(toJson(node('a: 1\nb: "1"\nc: \'true\'\nd: yes\ne: 0440\nf: |\n  1\ng:\n'))).toEqual({
      a: 1,
      b: '1',
      c: 'true',
      d: 'yes',
      e: 288,
      f: '1\n',
      g: null,
    }));

  test('remembers how a scalar was written', () => {
    const root = node('a: 0440\nb: "x"\nc: \'x\'\nd: >-\n  x\n');
    expect(at(root, ['a'])).toMatchObject({ style: 'plain', source: '0440', value: 288 });
    expect(['b', 'c', 'd'].map((key) => at(root, [key]))).toMatchObject([
      { style: 'double-quoted' },
      { style: 'single-quoted' },
      { style: 'block' },
    ]);
  });

  test('a tag for text keeps the text', () => expect(toJson(node('a: !!str 0440\n'))).toEqual({ a: '0440' }));

  test('JSON is YAML', () =>
    expect(toJson(node('{"a": [1, "2", null], "b": {"c": true}}'))).toEqual({
      a: [1, '2', null],
      b: { c: true },
    }));

  test('a key that JavaScript has a meaning for is a key like any other', () => {
    const value = toJson(node('__proto__:\n  polluted: true\nconstructor: x\n'));
    expect(Object.keys(value as object)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('keys that are no text become it', () =>
    expect(toJson(node('1: a\ntrue: b\n0440: c\n'))).toEqual({ '1': 'a', true: 'b', '0440': 'c' }));
});

describe('origins', () => {
  const text = '# top\nkind: Service\nspec:\n  ports:\n    - name: http\n      port: 80\n';

  test('of a mapping’s entry the key, of a list’s the item, of what is missing the nearest above', () => {
    const root = node(text);
    expect(originAt(root, ['kind'])).toEqual({ file: 'a.yaml', line: 2, column: 1 });
    expect(originAt(root, ['spec', 'ports', 0, 'port'])).toEqual({ file: 'a.yaml', line: 6, column: 7 });
    expect(originAt(root, ['spec', 'ports', 0])).toEqual({ file: 'a.yaml', line: 5, column: 7 });
    expect(originAt(root, ['spec', 'ports', 3, 'port'])).toEqual({ file: 'a.yaml', line: 4, column: 3 });
    expect(originAt(root, ['status', 'phase'])).toEqual({ file: 'a.yaml', line: 2, column: 1 });
  });

  test.each([
    ['CRLF', (plain: string) => plain.replaceAll('\n', '\r\n')],
    ['a byte order mark', (plain: string) => `\uFEFF${plain}`],
  ])('are the same with %s', (_, change) => {
    const root = node(change(text));
    expect(toJson(root)).toEqual(toJson(node(text)));
    expect(originAt(root, ['kind'])).toEqual({ file: 'a.yaml', line: 2, column: 1 });
    expect(originAt(root, ['spec', 'ports', 0, 'port'])).toEqual({ file: 'a.yaml', line: 6, column: 7 });
  });

  test('of embedded text are where it stands in the other file', () => {
    const parsed = parseYaml('kustomization.yaml', 'op: add\npath: /x\n', (line, column) => ({
      file: 'kustomization.yaml',
      line: line + 10,
      column: column + 4,
    }));
    expect(originAt(parsed.documents[0]!.node!, ['path'])).toEqual({
      file: 'kustomization.yaml',
      line: 12,
      column: 5,
    });
    expect(parsed.originOf(0)).toEqual({ file: 'kustomization.yaml', line: 11, column: 5 });
  });
});

describe('documents', () => {
  test('are counted with the empty ones', () => {
    const { documents } = parseYaml('a.yaml', '---\na: 1\n---\n# nothing\n---\nnull\n---\nb: 2\n');
    expect(documents.map(({ index, node: own }) => [index, own && toJson(own)])).toEqual([
      [0, { a: 1 }],
      [1, undefined],
      [2, undefined],
      [3, { b: 2 }],
    ]);
  });

  test.each([
    ['', 0],
    ['\n\n', 0],
    ['# only a comment\n', 0],
    ['---\n', 0],
  ])('%j has no node', (text) => {
    const { documents, problems: found } = parseYaml('a.yaml', text);
    expect(found).toEqual([]);
    expect(documents.every((document) => document.node === undefined)).toBe(true);
  });
});

describe('anchors and merge keys', () => {
  test('an alias is what its anchor is', () =>
    expect(toJson(node('a: &x {b: 1}\nc: *x\n'))).toEqual({ a: { b: 1 }, c: { b: 1 } }));

  test('of merged and own keys the own ones win, of several sources the first', () =>
    expect(
      toJson(node('one: &one {a: 1, b: 1}\ntwo: &two {b: 2, c: 2}\nx:\n  a: 0\n  <<: [*one, *two]\n')),
    ).toMatchObject({ x: { a: 0, b: 1, c: 2 } }));

  test('a merge key in quotes is a key', () =>
    expect(toJson(node('"<<": {a: 1}\nb: 2\n'))).toEqual({ '<<': { a: 1 }, b: 2 }));

  test('a merged value is blamed on the place where it was written', () => {
    const root = node('one: &one\n  a: 1\nx:\n  <<: *one\n');
    expect(originAt(root, ['x', 'a'])).toMatchObject({ line: 2 });
  });

  test('an alias without an anchor, and one that contains itself, are problems', () => {
    expect(problems('a: *x\n')).toEqual(['alias 1:4 unknown alias `*x`']);
    expect(problems('a: &x\n  b: *x\n').join()).toContain('contains itself');
  });

  test('aliases that multiply are cut, and told once', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let index = 1; index < 9; index += 1)
      lines.push(`a${index}: &a${index} [${Array.from({ length: 10 }, () => `*a${index - 1}`).join(', ')}]`);
    const found = problems(`${lines.join('\n')}\n`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('aliases expand to too many values');
  });
});

describe('problems', () => {
  test('a duplicate key is told at its second place, and the last one wins', () => {
    const parsed = parseYaml('a.yaml', 'a: 1\nb:\n  c: 1\n  c: 2\na: 3\n');
    expect(parsed.problems.map(({ code, origin }) => [code, origin.line])).toEqual([
      ['duplicate-key', 4],
      ['duplicate-key', 5],
    ]);
    expect(toJson(parsed.documents[0]!.node!)).toEqual({ a: 3, b: { c: 2 } });
  });

  test.each([
    ['a quote that is never closed', 'a: "x\nb: 1\n'],
    ['a tab as indentation', 'a:\n\tb: 1\n'],
    ['two mappings on one line', 'a: b: c\n'],
    ['a bracket that is never closed', 'a: [1, 2\n'],
  ])('%s is a syntax problem, and the document has no node', (_, text) => {
    const parsed = parseYaml('a.yaml', text);
    expect(parsed.problems.some(({ code }) => code === 'syntax')).toBe(true);
    expect(parsed.documents[0]?.node).toBeUndefined();
  });

  test('one document with an error leaves the others readable', () => {
    const { documents } = parseYaml('a.yaml', 'a: 1\n---\nb: "x\n');
    expect(documents[0]!.node && toJson(documents[0]!.node)).toEqual({ a: 1 });
  });

  test('never throws, whatever it is given', () => {
    const pieces = [
      'a',
      ':',
      ' ',
      '\n',
      '-',
      '"',
      "'",
      '{',
      '[',
      '}',
      ']',
      '&x',
      '*x',
      '|',
      '>',
      '#',
      '!',
      '%',
      '\t',
      '<<',
      '?',
      '\r',
      '\uFEFF',
    ];
    let seed = 1;
    const random = (limit: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % limit;
    };
    for (let round = 0; round < 2000; round += 1) {
      const text = Array.from({ length: random(24) }, () => pieces[random(pieces.length)]).join('');
      expect(() => parseYaml('a.yaml', text), JSON.stringify(text)).not.toThrow();
    }
  });
});
