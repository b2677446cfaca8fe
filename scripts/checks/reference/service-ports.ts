import { numberAt } from '../../kubernetes/pod-template.ts';
import type { RenderedObject } from '../../render/object.ts';
import { itemsAt, textAt } from '../../yaml/node.ts';

export interface ServicePort {
  readonly name: string | undefined;
  readonly number: number;
}

export const servicePorts = (service: RenderedObject): readonly ServicePort[] =>
  itemsAt(service.node, ['spec', 'ports']).map((port) => ({
    name: textAt(port, ['name']),
    number: numberAt(port, ['port']) ?? 0,
  }));

/** `http (8080), metrics (9094)`. */
export const printPorts = (ports: readonly ServicePort[]): string =>
  ports.length === 0
    ? 'no ports'
    : ports.map(({ name, number }) => (name === undefined ? `${number}` : `${name} (${number})`)).join(', ');

export const isHeadless = (service: RenderedObject): boolean =>
  textAt(service.node, ['spec', 'clusterIP']) === 'None';
