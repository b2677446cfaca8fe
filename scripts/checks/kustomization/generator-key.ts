import { resolvePath } from '../../repository/files.ts';
import type { Node, Origin } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import { fieldOf, itemsOf, splitFileSource, textOf } from './kustomization-files.ts';
import type { KustomizationSubject } from './subject.ts';

const validKey = /^[-._a-zA-Z0-9]+$/;

export const generatorKey: Rule<KustomizationSubject> = {
  id: 'kustomization/generator-key',
  severity: 'error',
  title: 'A generator makes each name and each key once.',
  why: 'kustomize refuses a key or an object that is there already, and nothing is deployed.',
  fix: 'Remove one of the two, or give it another key (`key=path`).',
  docs: 'https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/configmapgenerator/',
  scope: 'general',
  *check(subject) {
    for (const field of ['configMapGenerator', 'secretGenerator']) {
      const names = new Map<string, Origin>();
      for (const generator of itemsOf(subject.node, field)) {
        yield* inGenerator(subject, generator);
        const name = textOf(generator, 'name');
        const behavior = textOf(generator, 'behavior') ?? '';
        if (name === undefined || /^(?:merge|replace)$/i.test(behavior)) continue;
        const key = `${textOf(generator, 'namespace') ?? ''}/${name}`;
        const first = names.get(key);
        if (first)
          yield {
            message: `\`${field}\` makes \`${name}\` a second time; the first stands on line ${first.line}`,
            fix: 'Join the two, or write `behavior: merge` where one adds to the other.',
            at: generator.origin,
          };
        names.set(key, first ?? generator.origin);
      }
    }
  },
};

function* inGenerator(subject: KustomizationSubject, generator: Node): Generator<Report> {
  const name = textOf(generator, 'name') ?? '';
  const seen = new Map<string, Origin>();
  for (const { key, origin } of keysOf(subject, generator)) {
    const first = seen.get(key);
    if (first) {
      yield {
        message: `\`${name}\` gets the key \`${key}\` twice; the first stands on line ${first.line}`,
        at: origin,
      };
    } else if (!validKey.test(key)) {
      yield {
        message: `\`${key}\` cannot be a key of \`${name}\`: keys have letters, digits, \`-\`, \`_\` and \`.\` only`,
        fix: 'Write `<key>=<path>` with a valid key.',
        at: origin,
      };
    }
    seen.set(key, first ?? origin);
  }
}

function* keysOf(
  subject: KustomizationSubject,
  generator: Node,
): Generator<{ readonly key: string; readonly origin: Origin }> {
  for (const item of itemsOf(generator, 'files')) {
    if (item.type !== 'scalar' || typeof item.value !== 'string') continue;
    yield { key: splitFileSource(item.value).key, origin: item.origin };
  }
  for (const item of itemsOf(generator, 'literals')) {
    if (item.type !== 'scalar' || typeof item.value !== 'string') continue;
    const equals = item.value.indexOf('=');
    if (equals > 0) yield { key: item.value.slice(0, equals), origin: item.origin };
  }
  const env = fieldOf(generator, 'env')?.value;
  for (const item of [...itemsOf(generator, 'envs'), ...(env ? [env] : [])]) {
    if (item.type !== 'scalar' || typeof item.value !== 'string') continue;
    const path = resolvePath(subject.directory, item.value);
    const read = path === undefined ? undefined : subject.repository.sources.files.read(path);
    if (!read?.ok) continue;
    for (const line of read.text.split('\n')) {
      const text = line.trimStart();
      if (text.trim() === '' || text.startsWith('#')) continue;
      const equals = text.indexOf('=');
      yield { key: equals === -1 ? text.trim() : text.slice(0, equals), origin: item.origin };
    }
  }
}
