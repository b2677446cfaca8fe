/** Ports of containers. Mirrors `validateContainerPorts` and `checkHostPortConflicts`. */
import { type Errors, faultsOf } from './error.ts';
import { type Field, get, items, number, text } from './field.ts';
import { isPortName, isPortNumber } from './formats.ts';

const { fault, missing, duplicate, oneOf } = faultsOf('container-port');

export const protocols = ['TCP', 'UDP', 'SCTP'];

/** `validateContainerPorts`. */
export function* validatePorts(ports: Field): Errors {
  const names = new Set<string>();
  for (const port of items(ports)) {
    const name = get(port, 'name');
    if (text(name) !== '') {
      const wrong = isPortName(text(name));
      if (wrong !== undefined)
        yield fault(name, wrong, 'write a name of at most 15 lower-case letters, digits and `-`');
      else if (names.has(text(name))) yield duplicate(name, text(name));
      names.add(text(name));
    }
    const container = get(port, 'containerPort');
    const value = number(container) ?? 0;
    if (value === 0) yield missing(container);
    else yield* validateNumber(container);
    if ((number(get(port, 'hostPort')) ?? 0) !== 0) yield* validateNumber(get(port, 'hostPort'));
    const protocol = get(port, 'protocol');
    if (text(protocol) !== '' && !protocols.includes(text(protocol))) yield oneOf(protocol, protocols);
  }
}

function* validateNumber(field: Field): Errors {
  const value = number(field) ?? 0;
  if (!isPortNumber(value))
    yield fault(field, `is ${value}, which is not between 1 and 65535`, 'write a port number');
}

/**
 * `checkHostPortConflicts`: two containers of a pod cannot listen on one port of the host. `onHost` says that every port
 * is one, since the pod is on the host's network.
 */
export function* validateHostPorts(containers: readonly Field[], onHost: boolean): Errors {
  const taken = new Set<string>();
  for (const container of containers)
    for (const port of items(get(container, 'ports'))) {
      const host = get(port, 'hostPort');
      const own = number(host) ?? 0;
      const value = own === 0 && onHost ? (number(get(port, 'containerPort')) ?? 0) : own;
      if (value === 0) continue;
      const key = `${text(get(port, 'protocol')) || 'TCP'}/${text(get(port, 'hostIP'))}/${value}`;
      if (taken.has(key)) yield duplicate(host, value);
      taken.add(key);
    }
}

/** `ValidatePortNumOrName`: what is wrong with a number or name of a port, or undefined. */
export function portFault(value: unknown): string | undefined {
  if (typeof value === 'string') return isPortName(value);
  if (typeof value === 'number' && isPortNumber(value)) return undefined;
  return `is ${value === undefined ? 'missing' : String(value)}, which is not between 1 and 65535`;
}
