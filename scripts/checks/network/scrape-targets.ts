/** The `dns_sd_configs` of Prometheus' configuration: a name and a port that stand apart. */

import { numberAt } from '../../kubernetes/pod-template.ts';
import { locate, type RenderedObject } from '../../render/object.ts';
import { at, entriesAt, itemsAt, type Node, type Origin, originInText, textAt } from '../../yaml/node.ts';
import { parseYaml } from '../../yaml/parse.ts';
import type { Address } from '../reference/address-text.ts';
import type { ReferenceSubject } from '../reference/index-objects.ts';

export function* scrapeTargets(index: ReferenceSubject): Generator<Address> {
  for (const configMap of index.all('', 'ConfigMap'))
    for (const [key, { value }] of entriesAt(configMap.node, ['data'])) {
      const text = textAt(value, []);
      if (text?.includes('dns_sd_configs:')) yield* inFile(index, configMap, key, value, text);
    }
}

function* inFile(
  index: ReferenceSubject,
  configMap: RenderedObject,
  key: string,
  value: Node,
  text: string,
): Generator<Address> {
  const starts = lineStarts(text);
  const place = (line: number): Origin =>
    originInText(value, starts[line - 1] ?? 0) ?? locate(configMap, ['data', key]);
  const root = parseYaml(key, text).documents[0]?.node;
  const jobs = [...itemsAt(root, ['scrape_configs']), ...itemsAt(root, ['alerting', 'alertmanagers'])];
  for (const job of jobs)
    for (const target of itemsAt(job, ['dns_sd_configs']))
      for (const name of itemsAt(target, ['names'])) {
        const host = textAt(name, []);
        if (host === undefined || at(target, ['port']) === undefined) continue;
        yield {
          object: configMap,
          namespace: index.namespaceOf(configMap) ?? 'default',
          host,
          port: numberAt(target, ['port']),
          reader: `\`${key}\``,
          at: place(name.origin.line),
        };
      }
}

const lineStarts = (text: string): readonly number[] => {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
};
