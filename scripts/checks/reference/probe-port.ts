import { describe } from '../../finding.ts';
import { containersOf } from '../../kubernetes/pod-template.ts';
import { locate } from '../../render/object.ts';
import { didYouMean } from '../../text/nearest.ts';
import { itemsAt, textAt } from '../../yaml/node.ts';
import type { Rule } from '../rule.ts';
import type { ReferenceSubject } from './index-objects.ts';

const probes = ['startupProbe', 'readinessProbe', 'livenessProbe'];
const hooks = ['postStart', 'preStop'];
const handlers = ['httpGet', 'tcpSocket'];

export const probePort: Rule<ReferenceSubject> = {
  id: 'reference/probe-port',
  severity: 'error',
  title: 'The named port of a probe or hook is a port of its container',
  why: 'The API server takes any name. The kubelet then cannot find the port: the probe fails for ever, and the pod never gets ready or is killed again and again.',
  fix: 'Write the name of a port of this container, or the number.',
  docs: 'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/',
  scope: 'general',
  *check({ workloads }) {
    for (const { object, template } of workloads)
      for (const container of containersOf(template)) {
        const names = itemsAt(container.node, ['ports']).flatMap((port) => textAt(port, ['name']) ?? []);
        const places = [...probes.map((probe) => [probe]), ...hooks.map((hook) => ['lifecycle', hook])];
        for (const place of places)
          for (const handler of handlers) {
            const path = [...place, handler, 'port'];
            const name = textAt(container.node, path);
            if (name === undefined || names.includes(name) || /^\d+$/.test(name)) continue;
            yield {
              message: `${describe(object)}: ${place.at(-1)} of container \`${container.name}\` asks port \`${name}\`, and the container has no port of that name${didYouMean(name, names)}`,
              fix:
                names.length === 0
                  ? `Name the port in the container's \`ports\`, or write its number.`
                  : `Write one of ${names.map((known) => `\`${known}\``).join(', ')}, or the number.`,
              at: locate(object, [...container.path, ...path]),
              object,
            };
          }
      }
  },
};
