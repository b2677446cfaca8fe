/** The static types of CEL, and which value may stand where one is wanted. */

export type Type =
  | { readonly kind: 'dyn' | 'null' | 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes' }
  | { readonly kind: 'timestamp' | 'duration' | 'type' }
  | { readonly kind: 'list'; readonly item: Type }
  | { readonly kind: 'map'; readonly key: Type; readonly value: Type }
  | { readonly kind: 'optional'; readonly item: Type }
  | { readonly kind: 'opaque'; readonly name: string }
  /** A record with known fields. */
  | { readonly kind: 'object'; readonly name: string; readonly fields: Readonly<Record<string, Type>> }
  /** Any type, but the same one wherever the name stands in a signature. */
  | { readonly kind: 'param'; readonly name: string };

const simple = [
  'dyn',
  'null',
  'bool',
  'int',
  'uint',
  'double',
  'string',
  'bytes',
  'timestamp',
  'duration',
  'type',
] as const;

const simpleTypes = new Map<string, Type>(simple.map((kind) => [kind, { kind }]));
export const dyn: Type = { kind: 'dyn' };
export const bool: Type = { kind: 'bool' };
export const listOf = (item: Type): Type => ({ kind: 'list', item });
export const mapOf = (key: Type, value: Type): Type => ({ kind: 'map', key, value });
export const optionalOf = (item: Type): Type => ({ kind: 'optional', item });

/** Reads `map<string, list<A>>`: a capital letter is a parameter, a name with a dot an opaque type. */
export function parseType(text: string): Type {
  const trimmed = text.trim();
  const known = simpleTypes.get(trimmed);
  if (known) return known;
  if (/^[A-Z]$/.test(trimmed)) return { kind: 'param', name: trimmed };
  const generic = /^(list|map|optional)<(.*)>$/.exec(trimmed);
  if (!generic) return { kind: 'opaque', name: trimmed };
  const [item, second] = splitTop(generic[2]!).map(parseType) as [Type, Type | undefined];
  if (generic[1] === 'map') return mapOf(item, second ?? dyn);
  return generic[1] === 'list' ? listOf(item) : optionalOf(item);
}

/** Splits at the commas that stand in no angle bracket. */
export function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= text.length; i += 1) {
    const char = text[i];
    if (char === '<') depth += 1;
    else if (char === '>') depth -= 1;
    else if (char === undefined || (char === ',' && depth === 0)) {
      if (text.slice(start, i).trim() !== '') parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  return parts;
}

/** A type as cel-go's messages write it. */
export function printType(type: Type): string {
  switch (type.kind) {
    case 'list':
      return `list(${printType(type.item)})`;
    case 'map':
      return `map(${printType(type.key)}, ${printType(type.value)})`;
    case 'optional':
      return `optional_type(${printType(type.item)})`;
    case 'opaque':
    case 'object':
    case 'param':
      return type.name;
    case 'null':
      return 'null';
    default:
      return type.kind;
  }
}

export type Substitution = Map<string, Type>;

/** Whether a value of type `actual` may stand where `wanted` is asked for; binds the parameters of `wanted`. */
export function assignable(wanted: Type, actual: Type, bound: Substitution): boolean {
  if (wanted.kind === 'param') {
    const known = bound.get(wanted.name);
    if (known === undefined) {
      bound.set(wanted.name, actual);
      return true;
    }
    if (assignable(known, actual, bound) || assignable(actual, known, bound)) {
      bound.set(wanted.name, general(known, actual));
      return true;
    }
    return false;
  }
  if (wanted.kind === 'dyn' || actual.kind === 'dyn') return true;
  if (actual.kind === 'null')
    return ['null', 'timestamp', 'duration', 'opaque', 'object', 'optional'].includes(wanted.kind);
  if (wanted.kind !== actual.kind) {
    // Records are maps from string to anything where a function wants a map.
    if (wanted.kind === 'map' && actual.kind === 'object')
      return assignable(wanted.key, { kind: 'string' }, bound) && assignable(wanted.value, dyn, bound);
    return false;
  }
  switch (wanted.kind) {
    case 'list':
    case 'optional':
      return assignable(wanted.item, (actual as { item: Type }).item, bound);
    case 'map': {
      const { key, value } = actual as { key: Type; value: Type };
      return assignable(wanted.key, key, bound) && assignable(wanted.value, value, bound);
    }
    case 'opaque':
    case 'object':
      return wanted.name === (actual as { name: string }).name;
    default:
      return true;
  }
}

/** Of two types of which one may stand for the other, the one that admits more. */
export function general(a: Type, b: Type): Type {
  if (a.kind === 'dyn' || b.kind === 'dyn') return dyn;
  if (a.kind === 'null') return b;
  if (a.kind === 'list' && b.kind === 'list') return listOf(general(a.item, b.item));
  if (a.kind === 'optional' && b.kind === 'optional') return optionalOf(general(a.item, b.item));
  if (a.kind === 'map' && b.kind === 'map') return mapOf(general(a.key, b.key), general(a.value, b.value));
  return a;
}

/** A signature's type with its parameters filled in; what nothing bound is dyn. */
export function substitute(type: Type, bound: Substitution): Type {
  switch (type.kind) {
    case 'param':
      return bound.get(type.name) ?? dyn;
    case 'list':
      return listOf(substitute(type.item, bound));
    case 'optional':
      return optionalOf(substitute(type.item, bound));
    case 'map':
      return mapOf(substitute(type.key, bound), substitute(type.value, bound));
    default:
      return type;
  }
}

export function sameType(a: Type, b: Type): boolean {
  return printType(a) === printType(b);
}
