/** FlowSchemas and PriorityLevelConfigurations. Mirrors pkg/apis/flowcontrol/validation. */
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, isSet, isTrue, items, number, size, text, texts } from './field.ts';
import { type Check, isDnsLabel, isDnsSubdomain } from './formats.ts';

const { fault, missing, forbidden, oneOf } = faultsOf('flow-control');

function* checked(field: Field, check: Check, fix: string): Errors {
  const wrong = check(text(field));
  if (wrong !== undefined) yield fault(field, wrong, fix);
}

function* between(field: Field, low: number, high: number, value = number(field) ?? 0): Errors {
  if (value < low || value > high)
    yield fault(
      field,
      `is ${value}, which is not between ${low} and ${high}`,
      `write a number from ${low} to ${high}`,
    );
}

export function* validateFlowSchema(object: Field): Errors {
  const spec = get(object, 'spec');
  const precedence = get(spec, 'matchingPrecedence');
  const isExempt = text(get(object, 'metadata', 'name')) === 'exempt';
  // 0 is read as absent, and the default is 1000. The first place is taken.
  yield* between(precedence, isExempt ? 1 : 2, 10_000, number(precedence) || 1000);
  const method = get(spec, 'distinguisherMethod');
  const methods = ['ByNamespace', 'ByUser'];
  if (isSet(method) && !methods.includes(text(get(method, 'type'))))
    yield oneOf(get(method, 'type'), methods);
  const level = get(spec, 'priorityLevelConfiguration', 'name');
  if (text(level) === '') yield missing(level);
  else yield* checked(level, isDnsSubdomain, 'write the name of a PriorityLevelConfiguration');
  for (const rule of items(get(spec, 'rules'))) yield* validateRule(rule);
}

function* validateRule(rule: Field): Errors {
  if (size(get(rule, 'subjects')) === 0) yield missing(get(rule, 'subjects'), 'a rule is about somebody');
  for (const subject of items(get(rule, 'subjects'))) yield* validateSubject(subject);
  const resources = items(get(rule, 'resourceRules'));
  const others = items(get(rule, 'nonResourceRules'));
  if (resources.length + others.length === 0)
    yield fault(rule, 'is about nothing', 'write resourceRules or nonResourceRules');
  for (const item of resources) {
    yield* validateVerbs(get(item, 'verbs'));
    for (const key of ['apiGroups', 'resources']) yield* oneOrAny(get(item, key));
    const namespaces = get(item, 'namespaces');
    if (size(namespaces) > 0 || !isTrue(get(item, 'clusterScope'))) yield* oneOrAny(namespaces);
    if (!hasAny(namespaces))
      for (const name of items(namespaces)) yield* checked(name, isDnsLabel, 'write a namespace');
  }
  for (const item of others) {
    yield* validateVerbs(get(item, 'verbs'));
    const urls = get(item, 'nonResourceURLs');
    yield* oneOrAny(urls);
    if (!hasAny(urls))
      for (const url of items(urls)) yield* checked(url, isUrlPath, 'write a path such as `/healthz`');
  }
}

const hasAny = (list: Field): boolean => texts(list).some(([value]) => value === '*');

function* oneOrAny(list: Field): Errors {
  if (size(list) === 0) yield missing(list);
  else if (size(list) > 1 && hasAny(list))
    yield fault(list, 'has `*` beside others', 'write `*` alone, or leave it out');
}

const verbs = ['get', 'list', 'create', 'update', 'patch', 'delete', 'deletecollection', 'watch', 'proxy'];

function* validateVerbs(list: Field): Errors {
  yield* oneOrAny(list);
  if (!hasAny(list))
    for (const [verb, item] of texts(list)) if (!verbs.includes(verb)) yield oneOf(item, verbs);
}

/** `ValidateNonResourceURLPath`. */
const isUrlPath: Check = (path) => {
  if (!path.startsWith('/')) return `is \`${path}\`, which does not begin with a slash`;
  if (path.includes(' ')) return `is \`${path}\`, which has a space`;
  if (path.includes('//')) return `is \`${path}\`, which has two slashes in a row`;
  const star = path.indexOf('*');
  return star === -1 || (star === path.length - 1 && path.endsWith('/*'))
    ? undefined
    : `is \`${path}\`, and a \`*\` can only stand alone at the end`;
};

/** Each kind of subject: the field that holds it. */
const kinds: Readonly<Record<string, string>> = {
  ServiceAccount: 'serviceAccount',
  User: 'user',
  Group: 'group',
};

function* validateSubject(subject: Field): Errors {
  const kind = get(subject, 'kind');
  const expected = kinds[text(kind)];
  if (expected === undefined) return yield oneOf(kind, Object.keys(kinds));
  for (const other of Object.values(kinds))
    if (other !== expected && isSet(get(subject, other)))
      yield forbidden(get(subject, other), `the kind is ${text(kind)}`);
  const holder = get(subject, expected);
  if (!isSet(holder)) return yield missing(holder, `the kind is ${text(kind)}`);
  const name = get(holder, 'name');
  if (text(name) === '') yield missing(name);
  if (expected !== 'serviceAccount') return;
  if (text(name) !== '' && text(name) !== '*')
    yield* checked(name, isDnsSubdomain, 'write the name of a ServiceAccount');
  const namespace = get(holder, 'namespace');
  if (text(namespace) === '') yield missing(namespace);
  else yield* checked(namespace, isDnsLabel, 'write a namespace');
}

export function* validatePriorityLevel(object: Field): Errors {
  const spec = get(object, 'spec');
  const type = get(spec, 'type');
  const isExempt = text(get(object, 'metadata', 'name')) === 'exempt';
  if (!['Exempt', 'Limited'].includes(text(type))) return yield oneOf(type, ['Exempt', 'Limited']);
  if (isExempt !== (text(type) === 'Exempt'))
    yield fault(type, `is ${text(type)}, and the level named exempt alone is Exempt`, 'write Limited');
  const limited = get(spec, 'limited');
  const exempt = get(spec, 'exempt');
  if (text(type) === 'Exempt') {
    if (isSet(limited)) yield forbidden(limited, 'the type is Exempt');
    return;
  }
  if (isSet(exempt)) yield forbidden(exempt, 'the type is Limited');
  if (isSet(limited)) yield* validateLimited(limited);
  else yield missing(limited, 'the type is Limited');
}

function* validateLimited(limited: Field): Errors {
  const shares = get(limited, 'nominalConcurrencyShares');
  if ((number(shares) ?? 0) < 0) yield fault(shares, 'is negative', 'write 0 or more');
  if (isSet(get(limited, 'lendablePercent'))) yield* between(get(limited, 'lendablePercent'), 0, 100);
  const borrowing = get(limited, 'borrowingLimitPercent');
  if ((number(borrowing) ?? 0) < 0) yield fault(borrowing, 'is negative', 'write 0 or more');
  const response = get(limited, 'limitResponse');
  const type = get(response, 'type');
  const queuing = get(response, 'queuing');
  if (!['Queue', 'Reject'].includes(text(type))) return yield oneOf(type, ['Queue', 'Reject']);
  if (text(type) === 'Reject') {
    if (isSet(queuing)) yield forbidden(queuing, 'the type is Reject');
    return;
  }
  if (!isSet(queuing)) return yield missing(queuing, 'the type is Queue');
  // 0 is read as absent.
  const of = (key: string, standard: number): number => number(get(queuing, key)) || standard;
  yield* between(get(queuing, 'queueLengthLimit'), 1, 2 ** 31, of('queueLengthLimit', 50));
  yield* between(get(queuing, 'queues'), 1, 10_000_000, of('queues', 64));
  const hand = of('handSize', 8);
  yield* between(get(queuing, 'handSize'), 1, of('queues', 64), hand);
  // Cards that are dealt are drawn from 60 bits of randomness.
  let bits = 0;
  for (let card = 0; card < hand && card < 100; card += 1)
    bits += Math.log2(Math.max(1, of('queues', 64) - card));
  if (bits > 60)
    yield fault(
      get(queuing, 'handSize'),
      'and queues together need more than 60 bits of a hash',
      'lower one of them',
    );
}
