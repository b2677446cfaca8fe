import { describe, expect, test } from 'vitest';
import { rootOf } from '../../../../scripts/kubernetes/validation/field.ts';
import { schemaAt } from '../../../../scripts/kubernetes/validation/schema-path.ts';

const text = { type: 'string' };
const schema = rootOf({
  type: 'object',
  properties: {
    name: text,
    'a.b': text,
    "it's": text,
    map: { type: 'object', additionalProperties: text },
    open: { type: 'object', additionalProperties: true },
    list: { type: 'array', items: text },
  },
});

describe('paths to fields of a schema', () => {
  test.each([
    ['.name', ['name']],
    ["['name']", ['name']],
    ["['a.b']", ['a.b']],
    ["['it\\'s']", ["it's"]],
    ['.map.anything', ['map', 'anything']],
    ["['map']['x.y']", ['map', 'x.y']],
    ['.open.a.b', ['open', 'a', 'b']],
    ['', []],
  ])('%s', (path, names) => {
    expect(schemaAt(path, schema, true)).toMatchObject({ ok: true, names });
  });

  test.each(['name', '.', '.name.', '..name', '.nothing', '.list[0]', '.list.key', '["name"]', '.map.a.b'])(
    '%s is none',
    (path) => {
      expect(schemaAt(path, schema, true)).toMatchObject({ ok: false });
    },
  );

  test('brackets are allowed only where they are', () => {
    expect(schemaAt("['name']", schema, false)).toMatchObject({ ok: false });
    expect(schemaAt('.name', schema, false)).toMatchObject({ ok: true });
  });

  test('the schema that it ends at is given, where there is one', () => {
    const found = schemaAt('.map.x', schema, true);
    expect(found.ok && found.schema?.value).toEqual(text);
    expect(schemaAt('.open.x', schema, true)).toMatchObject({ ok: true, schema: undefined });
  });
});
