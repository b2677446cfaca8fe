/** Names and amounts of resources. Mirrors `ValidateContainerResourceRequirements` and pkg/apis/core/helper. */
import { type Errors, faultsOf } from './error.ts';
import { entries, type Field, get, items, text } from './field.ts';
import { isDnsLabel, isQualifiedName } from './formats.ts';
import { amountOf, isWhole, milliValue, parseNano, toMilli, toUnits } from './quantity.ts';

const { fault, missing, forbidden, duplicate } = faultsOf('resources');

const compute = ['cpu', 'memory', 'ephemeral-storage'];
const counted = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];
const quotaResources: ReadonlySet<string> = new Set([
  ...compute,
  ...compute.map((name) => `requests.${name}`),
  ...compute.map((name) => `limits.${name}`),
  'requests.storage',
  ...counted,
]);

/** `IsHugePageResourceName`. */
export const isHugePages = (name: string): boolean => name.startsWith('hugepages-');

const isQuotaHugePages = (name: string): boolean =>
  isHugePages(name) || name.startsWith('requests.hugepages-');

/** `IsNativeResource`. */
export const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');

/** `IsExtendedResourceName`. */
export const isExtended = (name: string): boolean =>
  !isNative(name) && !name.startsWith('requests.') && isQualifiedName(`requests.${name}`) === undefined;

/** `IsOvercommitAllowed`: whether a request may be smaller than the limit. */
export const isOvercommitAllowed = (name: string): boolean => isNative(name) && !isHugePages(name);

/** `IsStandardQuotaResourceName`. */
export const isQuotaResource = (name: string): boolean => quotaResources.has(name) || isQuotaHugePages(name);

/** `validateResourceName`: a standard name, or one with a domain. */
export function resourceNameFault(name: string): string | undefined {
  const wrong = isQualifiedName(name);
  if (wrong !== undefined) return `has a name that ${wrong}`;
  return name.includes('/') || quotaResources.has(name) || name === 'storage' || isQuotaHugePages(name)
    ? undefined
    : 'is no resource that Kubernetes knows, and has no domain before its name';
}

/** `validateContainerResourceName`. */
export function containerResourceNameFault(name: string): string | undefined {
  const wrong = resourceNameFault(name);
  if (wrong !== undefined) return wrong;
  if (!name.includes('/'))
    return compute.includes(name) || isHugePages(name)
      ? undefined
      : 'is no resource that a container can have';
  return isNative(name) || isExtended(name) ? undefined : 'is no valid name of an extended resource';
}

/** `validatePodResourceName`: what may be set for a whole pod. */
export function podResourceNameFault(name: string): string | undefined {
  return (
    resourceNameFault(name) ??
    (name === 'cpu' || name === 'memory' || isHugePages(name) ? undefined : 'cannot be set for a whole pod')
  );
}

/** `ValidateResourceQuantityValue`: not negative, and whole where the thing is counted. */
export function* validateAmount(name: string, field: Field): Errors {
  const amount = amountOf(field);
  if (amount === undefined) return;
  if (amount < 0n)
    yield fault(
      field,
      `is ${text(field) || String(field.value)}, which is negative`,
      'write a positive quantity',
    );
  if ((counted.includes(name) || isExtended(name)) && (milliValue(field.value) ?? 0n) % 1000n !== 0n)
    yield fault(
      field,
      `is ${String(field.value)}, and ${name} is counted in whole numbers`,
      'write a whole number',
    );
}

/** Whether an amount of huge pages is a whole number of pages. */
function* validateHugePages(name: string, field: Field): Errors {
  if (!isHugePages(name)) return;
  const pageSize = parseNano(name.slice('hugepages-'.length));
  const amount = amountOf(field);
  if (amount === undefined) return;
  if (
    pageSize === undefined ||
    pageSize <= 0n ||
    !isWhole(pageSize) ||
    toUnits(amount) % toUnits(pageSize) !== 0n
  )
    yield fault(
      field,
      `is ${String(field.value)}, which is no whole number of pages of the size in the name`,
      `write a multiple of ${name.slice('hugepages-'.length)}`,
    );
}

/** `validateResourceRequirements` of a container, or of a whole pod. `claims` are the names of the pod's claims. */
export function* validateResourceRequirements(
  resources: Field,
  nameFault: (name: string) => string | undefined,
  claims: ReadonlySet<string>,
): Errors {
  const limits = get(resources, 'limits');
  const requests = get(resources, 'requests');
  let hugePages = false;
  let computes = false;
  for (const [name, field] of [...entries(limits), ...entries(requests)]) {
    const wrong = nameFault(name);
    if (wrong !== undefined)
      yield fault(
        field,
        wrong,
        'write cpu, memory, ephemeral-storage, hugepages-<size> or a name with a domain',
      );
    yield* validateAmount(name, field);
    yield* validateHugePages(name, field);
    hugePages ||= isHugePages(name);
    computes ||= name === 'cpu' || name === 'memory';
  }
  for (const [name, field] of entries(requests)) {
    const limit = get(limits, name);
    const most = amountOf(limit);
    const request = amountOf(field);
    if (request === undefined) continue;
    if (most === undefined) {
      if (!isOvercommitAllowed(name) && limit.value === undefined)
        yield missing(limit, `${name} cannot be overcommitted, so a request of it needs a limit`);
    } else if (!isOvercommitAllowed(name) && toMilli(request) !== toMilli(most))
      yield fault(
        field,
        `is ${String(field.value)}, and has to equal the limit of ${String(limit.value)}`,
        `write ${String(limit.value)}`,
      );
    else if (toMilli(request) > toMilli(most))
      yield fault(
        field,
        `is ${String(field.value)}, which is more than the limit of ${String(limit.value)}`,
        'lower the request or raise the limit',
      );
  }
  if (hugePages && !computes) yield forbidden(resources, 'huge pages need cpu or memory beside them');
  yield* validateClaims(get(resources, 'claims'), claims);
}

/** `validateResourceClaimNames`. */
function* validateClaims(field: Field, claims: ReadonlySet<string>): Errors {
  const seen = new Set<string>();
  for (const claim of items(field)) {
    const name = text(get(claim, 'name'));
    const request = text(get(claim, 'request'));
    if (name === '') {
      yield missing(get(claim, 'name'));
      continue;
    }
    if (request !== '') {
      const wrong = isDnsLabel(request);
      if (wrong !== undefined)
        yield fault(get(claim, 'request'), wrong, 'write the name of a request of the claim');
    }
    const key = request === '' ? name : `${name}/${request}`;
    const whole = request === '' && [...seen].some((other) => other.startsWith(`${name}/`));
    if (seen.has(name) || seen.has(key) || whole) yield duplicate(claim, key);
    seen.add(key);
    if (!claims.has(name))
      yield fault(
        get(claim, 'name'),
        `is \`${name}\`, and the pod has no such entry in resourceClaims`,
        "write the name of an entry of the pod's `resourceClaims`",
      );
  }
}
