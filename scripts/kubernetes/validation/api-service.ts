/** APIServices. Mirrors `ValidateAPIService` of kube-aggregator. */
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, isSet, isTrue, number, text } from './field.ts';
import { isDns1035Label, isDnsSubdomain, isPortNumber } from './formats.ts';

const { fault, missing, forbidden } = faultsOf('admission');

export function* validateApiService(object: Field): Errors {
  const spec = get(object, 'spec');
  const group = get(spec, 'group');
  const version = get(spec, 'version');
  const name = get(object, 'metadata', 'name');
  const wanted = `${text(version)}.${text(group)}`;
  if (text(name) !== wanted)
    yield fault(name, `is \`${text(name)}\`, and has to be version and group`, `write \`${wanted}\``);
  const prefix = get(object, 'metadata', 'generateName');
  if (text(prefix) !== '' && text(prefix) !== wanted) yield forbidden(prefix, 'the name is fixed');
  if (text(group) === '' && text(version) !== 'v1') yield missing(group);
  for (const [field, check] of [
    [group, isDnsSubdomain],
    [version, isDns1035Label],
  ] as const) {
    const wrong = field === group && text(field) === '' ? undefined : check(text(field));
    if (wrong !== undefined) yield fault(field, wrong, 'correct it');
  }
  for (const [key, most] of [
    ['groupPriorityMinimum', 20_000],
    ['versionPriority', 1000],
  ] as const) {
    const value = number(get(spec, key)) ?? 0;
    if (value < 1 || value > most)
      yield fault(
        get(spec, key),
        `is ${value}, which is not between 1 and ${most}`,
        `write a number from 1 to ${most}`,
      );
  }
  const service = get(spec, 'service');
  const skips = isTrue(get(spec, 'insecureSkipTLSVerify'));
  const bundle = get(spec, 'caBundle');
  if (!isSet(service)) {
    if (text(bundle) !== '') yield forbidden(bundle, 'there is no service');
    if (skips) yield forbidden(get(spec, 'insecureSkipTLSVerify'), 'there is no service');
    return;
  }
  for (const key of ['namespace', 'name'])
    if (text(get(service, key)) === '') yield missing(get(service, key));
  const port = number(get(service, 'port')) ?? 443;
  if (!isPortNumber(port))
    yield fault(get(service, 'port'), `is ${port}, which is not between 1 and 65535`, 'write a port number');
  if (skips && text(bundle) !== '')
    yield forbidden(get(spec, 'insecureSkipTLSVerify'), 'caBundle is set too');
}
