import { describe } from '../../finding.ts';
import { portsOf } from '../../kubernetes/pod-template.ts';
import { didYouMean } from '../../text/nearest.ts';
import type { Report, Rule } from '../rule.ts';
import { backendOf } from './addresses.ts';
import { prometheuses } from './prometheus.ts';
import type { ConfigurationSubject } from './subject.ts';

export const prometheusTarget: Rule<ConfigurationSubject> = {
  id: 'configuration/prometheus-target',
  severity: 'error',
  title: 'The names that Prometheus looks up are Services, and their pods have the port',
  why: 'A name without addresses yields no target at all: nothing is down, nothing is alerted, and the graphs are empty.',
  fix: 'Write the name of the headless Service and the port that the pods listen on.',
  docs: 'https://prometheus.io/docs/prometheus/2.47/configuration/configuration/#dns_sd_config',
  scope: 'infometis',
  // A name that does not resolve is told by the reference stage too.
  consequence: true,
  *check({ index }) {
    for (const { workload, jobs, alertmanagers } of prometheuses(index))
      for (const { name, file, targets } of [...jobs, ...alertmanagers])
        for (const { host, port, at, lookedUp } of targets) {
          // `host:port` in one word is the reference stage's.
          if (!lookedUp) continue;
          const report = (message: string): Report => ({
            message: `${describe(workload.object)}: job \`${name}\` looks up \`${host}\`, ${message}`,
            at,
            object: file.object,
          });
          const backend = backendOf(index, host, workload.namespace);
          if (!backend) {
            if (
              index.isOpaque(workload.namespace) ||
              (/\..+\.[a-z]{2,}$/.test(host) && !/\.svc(\.|$)/.test(host))
            )
              continue;
            const names = index.all('', 'Service', workload.namespace).map((service) => service.name);
            yield report(`and there is no such Service: the job has no targets${didYouMean(host, names)}`);
            continue;
          }
          if (!backend.headless)
            yield report(
              `which is not headless: it has one address, behind which each scrape meets another pod`,
            );
          const ports = backend.workloads.flatMap(({ template }) =>
            portsOf(template).map(({ number }) => number),
          );
          if (port !== undefined && ports.length > 0 && !ports.includes(port))
            yield report(
              `and its pods have the ports ${[...new Set(ports)].join(', ')}, not ${port}: every target is down`,
            );
        }
  },
};
