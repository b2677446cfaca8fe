/** ServiceCIDRs and IPAddresses. Mirrors pkg/apis/networking/validation. */
import { isCanonicalRange, parseRange } from './address.ts';
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, isSet, items, size, text } from './field.ts';
import { isDnsSubdomain, isPathSegment } from './formats.ts';

const { fault, missing } = faultsOf('service');

export function* validateServiceCidr(object: Field): Errors {
  const ranges = get(object, 'spec', 'cidrs');
  if (size(ranges) === 0) return yield missing(ranges, 'at least one range is needed');
  if (size(ranges) > 2) return yield fault(ranges, 'has more than two ranges', 'write one of each family');
  for (const range of items(ranges)) {
    const wrong = isCanonicalRange(text(range));
    if (wrong !== undefined) yield fault(range, wrong, 'write a range such as 10.96.0.0/12');
  }
  const [first, second] = items(ranges).map((range) => parseRange(text(range))?.address.family);
  if (first !== undefined && first === second)
    yield fault(ranges, `has two ranges of ${first}`, 'write one of each family');
}

export function* validateIpAddress(object: Field): Errors {
  const parent = get(object, 'spec', 'parentRef');
  if (!isSet(parent)) return yield missing(parent);
  const group = get(parent, 'group');
  const wrongGroup = text(group) === '' ? undefined : isDnsSubdomain(text(group));
  if (wrongGroup !== undefined) yield fault(group, wrongGroup, 'write the name of an API group');
  for (const key of ['resource', 'name', 'namespace']) {
    const field = get(parent, key);
    if (text(field) === '' && key !== 'namespace') yield missing(field);
    const wrong = isPathSegment(text(field));
    if (wrong !== undefined) yield fault(field, wrong, `correct \`${key}\``);
  }
}
