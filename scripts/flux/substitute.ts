import { nearestName } from '../text/nearest.ts';
import {
  fromJson,
  type MapEntry,
  type MapNode,
  type Node,
  type Origin,
  originInText,
  type Path,
  type ScalarNode,
  textAt,
} from '../yaml/node.ts';
import { parseYaml } from '../yaml/parse.ts';
import { evaluateTemplate, hasDefault, parseTemplate, type TemplateErrorCode } from './envsubst.ts';
import { resolveSubstituted, type WrittenStyle, written, writtenStyle } from './written-scalar.ts';

/** What `${NAME}` may refer to in one Flux Kustomization. */
export interface Variables {
  readonly values: ReadonlyMap<string, string>;
  /** Set in the cluster to a value that is not in Git: a Secret's key. */
  readonly opaque: ReadonlySet<string>;
  /** False where a ConfigMap or Secret that is not in Git may set any further variable. */
  readonly complete: boolean;
}

export interface SubstitutionProblem {
  readonly code: 'bad-syntax' | 'undefined-variable' | 'broken-value' | 'lost-quotes';
  readonly message: string;
  readonly fix: string;
  readonly origin: Origin;
  readonly path: Path;
}

export interface Substitution {
  readonly object: MapNode;
  readonly problems: readonly SubstitutionProblem[];
}

const annotation = 'kustomize.toolkit.fluxcd.io/substitute';

/** Whether Flux leaves the object's `${…}` as they are, because a label or an annotation says so. */
export const isSubstitutionDisabled = (object: Node): boolean =>
  ['labels', 'annotations'].some((kind) => textAt(object, ['metadata', kind, annotation]) === 'disabled');

const unknown = new WeakSet<Node>();

/** A copy of a scalar whose real value exists only in the cluster. */
export function unknownValue(node: ScalarNode): ScalarNode {
  const copy = { ...node };
  unknown.add(copy);
  return copy;
}

/**
 * Whether a scalar's real value exists only in the cluster, since it takes a variable from a Secret or is encrypted: the
 * text of the node is still the template, or the ciphertext.
 */
export const isUnknownValue = (node: Node | undefined): boolean => node !== undefined && unknown.has(node);

/**
 * Fills in the variables of one object as kustomize-controller does in strict mode: in the text that it writes of the
 * object, where the source's quotes are gone, so that `"${PORT}"` becomes a number. The object that is given stays as it
 * is; of what did not change the result shares the nodes.
 */
export function substituteObject(object: MapNode, variables: Variables): Substitution {
  if (isSubstitutionDisabled(object)) return { object, problems: [] };
  const problems: SubstitutionProblem[] = [];

  const visit = (node: Node, path: Path): Node => {
    switch (node.type) {
      case 'scalar':
        return visitScalar(node, path, typeof path.at(-1) === 'number' ? 'item' : 'value');
      case 'list': {
        const items = node.items.map((item, index) => visit(item, [...path, index]));
        return items.every((item, index) => item === node.items[index]) ? node : { ...node, items };
      }
      case 'map':
        return visitMap(node, path);
    }
  };

  const visitMap = (node: MapNode, path: Path): MapNode => {
    let changed = false;
    const entries = new Map<string, MapEntry>();
    for (const [key, entry] of node.entries) {
      const value = visit(entry.value, [...path, key]);
      const name = key.includes('$') ? visitKey(key, entry.origin, [...path, key]) : key;
      changed ||= value !== entry.value || name !== key;
      entries.set(name, value === entry.value ? entry : { origin: entry.origin, value });
    }
    return changed ? { ...node, entries } : node;
  };

  const visitKey = (key: string, origin: Origin, path: Path): string => {
    const result = visitScalar({ type: 'scalar', value: key, origin }, path, 'key');
    return result.type === 'scalar' ? String(result.value) : key;
  };

  const visitScalar = (node: ScalarNode, path: Path, place: Place): Node => {
    if (typeof node.value !== 'string' || !node.value.includes('$')) return node;
    const style = writtenStyle(node.value);
    const report = (code: SubstitutionProblem['code'], message: string, fix: string, offset = 0): Node => {
      problems.push({ code, message, fix, origin: originInText(node, offset) ?? node.origin, path });
      return node;
    };
    const text = written(node.value, style);
    const template = parseTemplate(text);
    if (!template.ok) {
      const { message, fix } = syntaxMessage(text, template.error);
      // Flux may see the text in quotes; a person sees it as it is.
      const seen = parseTemplate(node.value);
      return report('bad-syntax', message, fix, seen.ok ? 0 : seen.error.offset);
    }
    let opaque = false;
    const { text: filled, missing } = evaluateTemplate(template.parts, (name, operator) => {
      const value = variables.values.get(name);
      if (value !== undefined) return value;
      // Where the variable may or may not be set, its default is the best guess.
      if (!variables.opaque.has(name) && (variables.complete || hasDefault(operator))) return undefined;
      opaque = true;
      return '';
    });
    for (const name of missing) {
      const { message, fix } = missingMessage(name, variables);
      report('undefined-variable', message, fix, Math.max(node.value.search(reference(name)), 0));
    }
    if (missing.length > 0) return node;
    if (opaque) return unknownValue(node);
    if (filled === text) return node;
    const result = read(filled, style, place, node.origin);
    if (typeof result === 'string')
      return report(
        'broken-value',
        `with its variables filled in, ${shown(node.value)} reads \`${excerpt(filled)}\`, which is ${result}: Flux substitutes in the YAML text, where the quotes of the source are gone`,
        "put quotes into the variable's value, as in `NAME: '\"the value\"'`, so that they are there when the text is read again",
      );
    if (result.type !== 'scalar' || typeof result.value !== 'string') {
      const holder = stringHolder(object, path);
      if (holder !== undefined)
        report(
          'lost-quotes',
          `${shown(node.value)} becomes ${kindOf(result)} \`${excerpt(filled)}\` here, and ${holder} must be strings: Flux substitutes in the YAML text, where the quotes of the source are gone`,
          `put quotes into the variable's value (\`NAME: '"${excerpt(filled)}"'\`), or add text that is no number or boolean around it`,
        );
    }
    return result;
  };

  const result = visitMap(object, []);
  return { object: result, problems };
}

type Place = 'value' | 'item' | 'key';

const prefixes: Readonly<Record<Place, string>> = { value: 'k: ', item: '- ', key: '' };

// Nothing that YAML would read as more than one plain word.
const simple = /^[\w./][\w./:@+=~-]*$/;

/** Reads a filled-in scalar as YAML; a string says why it cannot be read. */
function read(text: string, style: WrittenStyle, place: Place, origin: Origin): Node | string {
  if (text.includes('\uFFFD')) return 'no longer UTF-8';
  // A block of nothing but empty lines reads as empty.
  if (style === 'block')
    return { type: 'scalar', value: /^\n?$/.test(text) ? '' : text, style: 'block', origin };
  if (style === 'plain' && simple.test(text) && !text.endsWith(':') && !/^(?:---|\.\.\.)/.test(text))
    return plain(text, origin);
  const { documents, problems } = parseYaml(
    origin.file,
    place === 'key' ? `${text}: v\n` : `${prefixes[place]}${text}\n`,
  );
  const root = documents[0]?.node;
  if (problems.some(({ code }) => code !== 'duplicate-key') || documents.length !== 1)
    return 'no longer YAML';
  if (place === 'key') {
    const [key, ...others] = root?.type === 'map' ? [...root.entries.keys()] : [];
    return key === undefined || others.length > 0 ? 'no longer a key' : plain(key, origin);
  }
  const value =
    root?.type === 'list' ? root.items[0] : root?.type === 'map' ? root.entries.get('k')?.value : root;
  return value === undefined ? 'no longer YAML' : asRead(value, origin);
}

function plain(text: string, origin: Origin): Node | string {
  const value = resolveSubstituted(text);
  if (value === undefined) return 'a number that JSON cannot hold';
  return { type: 'scalar', value, style: 'plain', source: text, origin };
}

function asRead(node: Node, origin: Origin): Node | string {
  if (node.type === 'scalar')
    return node.style === 'plain' ? plain(node.source ?? '', origin) : { ...node, origin };
  if (node.type === 'list') {
    const result = fromJson([], origin);
    if (result.type === 'list')
      for (const item of node.items) {
        const value = asRead(item, origin);
        if (typeof value === 'string') return value;
        result.items.push(value);
      }
    return result;
  }
  const result: MapNode = { type: 'map', entries: new Map(), origin };
  for (const [key, entry] of node.entries) {
    const value = key === '' ? 'a mapping without a key' : asRead(entry.value, origin);
    if (typeof value === 'string') return value;
    result.entries.set(key, { origin, value });
  }
  return result;
}

/** What holds only strings at a path, in words; undefined where any type may stand as far as is known here. */
function stringHolder(object: MapNode, path: Path): string | undefined {
  const kind = textAt(object, ['kind']);
  const [first, second] = path;
  if (textAt(object, ['apiVersion']) === 'v1') {
    if (kind === 'ConfigMap' && first === 'data') return 'the values of a ConfigMap';
    if (kind === 'Secret' && (first === 'data' || first === 'stringData')) return 'the values of a Secret';
  }
  const names = path.map(String);
  const metadata = names.lastIndexOf('metadata');
  if (metadata !== -1 && (metadata === 0 || names[metadata - 1]?.toLowerCase().endsWith('template'))) {
    const field = names[metadata + 1];
    if (field === 'labels' || field === 'annotations') return field;
    if (field === 'name' || field === 'namespace') return 'names';
  }
  const last = names.at(-1);
  const list = names.at(-3);
  if (last === 'value' && list === 'env' && first === 'spec' && second !== 'values')
    return 'the values of environment variables';
  if ((names.at(-2) === 'args' || names.at(-2) === 'command') && names.includes('containers'))
    return 'arguments';
  return undefined;
}

const kindOf = (node: Node): string => {
  if (node.type === 'map') return 'a mapping';
  if (node.type === 'list') return 'a list';
  if (node.value === null) return 'empty';
  return typeof node.value === 'number' ? 'the number' : 'the boolean';
};

/** A variable where it is used; `$${NAME}` is none. */
const reference = (name: string): RegExp => new RegExp(`(?<!\\$)\\$\\{${name}(?![A-Za-z0-9_])`);

const excerpt = (text: string): string => {
  const line = text.split('\n').find((candidate) => candidate.trim() !== '') ?? '';
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
};

const shown = (text: string): string => `\`${excerpt(text)}\``;

function syntaxMessage(
  text: string,
  error: { readonly code: TemplateErrorCode; readonly offset: number },
): { message: string; fix: string } {
  const rest = text.slice(error.offset);
  const end = rest.search(/[}\n]/);
  const reference = excerpt(end === -1 ? rest : rest.slice(0, end + 1));
  const keep = `to keep the text, write \`$${reference}\` or annotate the object with \`${annotation}: disabled\``;
  const dash = /^\$\{[\p{L}\p{Nd}_]+([-+?])/u.exec(reference)?.[1];
  if (dash !== undefined)
    return {
      message: `Flux cannot read \`${reference}\`: \`${dash}\` without a colon is no operator of its substitution, and the build fails`,
      fix: `write \`${reference.replace(dash, `:${dash}`)}\` for a default; ${keep}`,
    };
  const reason: Record<TemplateErrorCode, string> = {
    name: 'there is no variable name after `${`',
    'closing-brace': 'the name is not followed by `}` or an operator',
    argument: 'what follows the operator is missing or not closed with `}`',
    operator: 'the operator is not closed as it should be',
  };
  return {
    message: `Flux cannot read \`${reference}\` as a variable (${reason[error.code]}), and the build fails`,
    fix: `${keep}; Flux substitutes every \`\${…}\` of this Kustomization, those of scripts and templates too`,
  };
}

function missingMessage(name: string, variables: Variables): { message: string; fix: string } {
  const known = [...variables.values.keys(), ...variables.opaque].sort();
  const nearest = nearestName(name, known);
  const suggestion = nearest === undefined ? '' : `; did you mean \`\${${nearest}}\`?`;
  return {
    message: `Flux fails the build, because the variable \`${name}\` is not set${suggestion}`,
    fix:
      nearest === undefined
        ? `set \`${name}\` under \`postBuild.substitute\`, give a default (\`\${${name}:-value}\`), or write \`$\${${name}}\` where the text is meant for another program`
        : `write \`\${${nearest}}\`, or set \`${name}\` under \`postBuild.substitute\``,
  };
}
