import type { Json } from '../yaml/node.ts';

export interface JsonValue {
  readonly value: Json;
  readonly text: string;
  /** The line, counted from 0, on which the value begins. */
  readonly line: number;
}

/**
 * The JSON values that stand one after the other in a text, as in JSON lines. Undefined where it is anything else, or where
 * an object has a key twice, which JSON.parse would not tell.
 */
export function jsonValues(text: string): readonly JsonValue[] | undefined {
  const values: JsonValue[] = [];
  let at = 0;
  let line = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 10) line += 1;
    if (code === 32 || code === 10 || code === 13 || code === 9) {
      at += 1;
      continue;
    }
    const end = endOfObject(text, at);
    if (end === undefined) return undefined;
    const own = text.slice(at, end);
    try {
      values.push({ value: JSON.parse(own) as Json, text: own, line });
    } catch {
      return undefined;
    }
    for (let i = own.indexOf('\n'); i !== -1; i = own.indexOf('\n', i + 1)) line += 1;
    at = end;
  }
  return values;
}

/** The offset behind the object that begins at `start`. */
function endOfObject(text: string, start: number): number | undefined {
  if (text[start] !== '{') return undefined;
  const open: (Set<string> | undefined)[] = [];
  let key: string | undefined;
  for (let i = start; i < text.length; i += 1) {
    switch (text[i]) {
      case '"': {
        const end = endOfString(text, i);
        if (end === undefined) return undefined;
        key = text.slice(i, end);
        i = end - 1;
        break;
      }
      case ':': {
        const keys = open.at(-1);
        if (keys === undefined || key === undefined || keys.has(key)) return undefined;
        keys.add(key);
        break;
      }
      case '{':
        open.push(new Set());
        break;
      case '[':
        open.push(undefined);
        break;
      case '}':
      case ']':
        open.pop();
        if (open.length === 0) return i + 1;
        break;
    }
  }
  return undefined;
}

function endOfString(text: string, start: number): number | undefined {
  for (let i = start + 1; i < text.length; i += 1) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === '"') return i + 1;
  }
  return undefined;
}
