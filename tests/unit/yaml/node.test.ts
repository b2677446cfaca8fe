import { describe, expect, test } from 'vitest';
import {
  at,
  child,
  clone,
  entriesAt,
  fromJson,
  itemsAt,
  type Json,
  type MapNode,
  originInText,
  scalar,
  textAt,
  toJson,
} from '../../../scripts/yaml/node.ts';
import { parseYaml } from '../../../scripts/yaml/parse.ts';

const origin = { file: 'a.yaml', line: 1, column: 1 };
const value: Json = { a: [{ name: 'x' }, 2, null], b: { c: 'text', d: 1 }, __e: true };
const node = fromJson(value, origin);

test('JSON survives the way there and back', () => expect(toJson(node)).toEqual(value));

test('a key `__proto__` survives it, too', () => {
  const tricky = JSON.parse('{"__proto__": {"x": 1}}') as Json;
  expect(JSON.stringify(toJson(fromJson(tricky, origin)))).toBe('{"__proto__":{"x":1}}');
});

describe('looking', () => {
  test('finds what is there', () => {
    expect(textAt(node, ['b', 'c'])).toBe('text');
    expect(textAt(node, ['a', 0, 'name'])).toBe('x');
    expect(itemsAt(node, ['a'])).toHaveLength(3);
    expect([...entriesAt(node, ['b']).keys()]).toEqual(['c', 'd']);
    expect(at(node, [])).toBe(node);
  });

  test.each([[['x']], [['a', 'name']], [['a', 9]], [['b', 'c', 'd']], [['a', -1]]])(
    'finds nothing at %j',
    (path) => {
      expect(at(node, path)).toBeUndefined();
      expect(textAt(node, path)).toBeUndefined();
      expect(itemsAt(node, path)).toEqual([]);
      expect(entriesAt(node, path).size).toBe(0);
    },
  );

  test('a number is no text, a mapping no list', () => {
    expect(textAt(node, ['b', 'd'])).toBeUndefined();
    expect(itemsAt(node, ['b'])).toEqual([]);
    expect(entriesAt(node, ['a']).size).toBe(0);
  });

  test('what objects inherit is not there', () => expect(child(node, 'toString')).toBeUndefined());
});

test('a clone shares nothing that can change', () => {
  const copy = clone(node) as MapNode;
  const list = at(copy, ['a']);
  if (list?.type === 'list') list.items.push(scalar('new', origin));
  copy.entries.delete('b');
  const first = at(copy, ['a', 0]);
  if (first?.type === 'map') first.entries.set('name', { origin, value: scalar('y', origin) });
  expect(toJson(node)).toEqual(value);
  expect(toJson(copy)).toEqual({ a: [{ name: 'y' }, 2, null, 'new'], __e: true });
});

describe('originInText', () => {
  const text = 'one\ntwo three\n';

  test('of a whole file, the line and column in it', () => {
    const whole = scalar(text, origin);
    expect(originInText(whole, 0)).toEqual({ file: 'a.yaml', line: 1, column: 1 });
    expect(originInText(whole, text.indexOf('three'))).toEqual({ file: 'a.yaml', line: 2, column: 5 });
  });

  test('of a block, the line below its header', () => {
    const file = parseYaml('b.yaml', `data:\n  key: |\n    one\n    two three\n`);
    const block = at(file.documents[0]?.node, ['data', 'key']);
    expect(originInText(block, 0)).toEqual({ file: 'b.yaml', line: 3, column: 1 });
    expect(originInText(block, text.indexOf('three'))).toEqual({ file: 'b.yaml', line: 4, column: 1 });
  });

  test('of anything on one line, nothing', () => {
    const file = parseYaml('b.yaml', 'key: "one two"\nother: 5\n');
    expect(originInText(at(file.documents[0]?.node, ['key']), 4)).toBeUndefined();
    expect(originInText(at(file.documents[0]?.node, ['other']), 0)).toBeUndefined();
    expect(originInText(undefined, 0)).toBeUndefined();
  });
});
