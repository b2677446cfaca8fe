/** Writes JSON that is small and still shows one changed field as one changed line. */

const WIDTH = 110;

/**
 * Serialises a JSON value: what fits on a line stays on it, the rest is opened one level. Keys are sorted, so the same
 * input gives the same bytes whatever produced it.
 */
export function formatJson(value: unknown): string {
  return `${render(value, '', 0)}\n`;
}

function render(value: unknown, indent: string, used: number): string {
  const flat = JSON.stringify(sorted(value));
  if (typeof value !== 'object' || value === null || indent.length + used + flat.length <= WIDTH) return flat;
  const deeper = `${indent} `;
  if (Array.isArray(value)) {
    return `[\n${value.map((item) => deeper + render(item, deeper, 0)).join(',\n')}\n${indent}]`;
  }
  const lines = Object.entries(sorted(value) as Record<string, unknown>).map(([key, item]) => {
    const head = `${JSON.stringify(key)}:`;
    return `${deeper}${head}${render(item, deeper, head.length)}`;
  });
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
