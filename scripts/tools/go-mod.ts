/** What the builder reads of a go.mod. */
export interface GoMod {
  /** The lowest Go that it asks for, as `1.26.0`. */
  readonly go: string;
  /** The packages of its `tool` directives. */
  readonly tools: readonly string[];
  /** Module path to the version required, as `v1.2.3`. */
  readonly requires: ReadonlyMap<string, string>;
  /** Module path to what stands in its place: `path version`. */
  readonly replaces: ReadonlyMap<string, string>;
}

/** Reads the text of a go.mod as https://go.dev/ref/mod#go-mod-file describes it: single lines and blocks. */
export function parseGoMod(text: string): GoMod {
  let go = '';
  const tools: string[] = [];
  const requires = new Map<string, string>();
  const replaces = new Map<string, string>();
  let block: string | undefined;
  for (const raw of text.split('\n')) {
    const line = raw.replace(/\/\/.*$/, '').trim();
    if (line === '') continue;
    if (line === ')') {
      block = undefined;
      continue;
    }
    const opening = /^(\w+) \($/.exec(line);
    if (opening) {
      block = opening[1];
      continue;
    }
    const [directive, ...words] = block === undefined ? line.split(/\s+/) : [block, ...line.split(/\s+/)];
    if (directive === 'go') go = words[0] ?? '';
    if (directive === 'tool' && words[0]) tools.push(words[0]);
    if (directive === 'require' && words[0] && words[1]) requires.set(words[0], words[1]);
    if (directive === 'replace') {
      const arrow = words.indexOf('=>');
      if (words[0] && arrow > 0) replaces.set(words[0], words.slice(arrow + 1).join(' '));
    }
  }
  return { go, tools, requires, replaces };
}

/** Whether a Go version (`go1.26.8`, `1.27rc1`) is at least the wanted one (`1.26.0`). */
export function goIsAtLeast(have: string, want: string): boolean {
  const numbers = (version: string): number[] =>
    (/(\d+)\.(\d+)(?:\.(\d+))?/.exec(version) ?? []).slice(1).map((part) => Number(part ?? 0));
  const [a, b] = [numbers(have), numbers(want)];
  for (let index = 0; index < 3; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
