/** What a workload is told: variables of its containers and settings in the files that it mounts. */

import { containersOf, volumesOf } from '../../kubernetes/pod-template.ts';
import { entriesAt, itemsAt, type Node, textAt } from '../../yaml/node.ts';
import { parseYaml } from '../../yaml/parse.ts';
import type { ReferenceSubject, Workload } from './index-objects.ts';

/** Values by name: of a variable its own, of a setting its dotted path (`auth.anonymous.enabled`). A name may be told twice. */
export function toldSettings(
  subject: ReferenceSubject,
  { namespace, template }: Workload,
): ReadonlyMap<string, readonly string[]> {
  const told = new Map<string, string[]>();
  const tell = (name: string, value: string): void => {
    told.set(name, [...(told.get(name) ?? []), value]);
  };
  for (const { node } of containersOf(template))
    for (const variable of itemsAt(node, ['env']))
      tell(textAt(variable, ['name']) ?? '', String(textAt(variable, ['value']) ?? ''));
  for (const { node } of volumesOf(template))
    for (const source of [node, ...itemsAt(node, ['projected', 'sources'])]) {
      const name = textAt(source, ['configMap', 'name']);
      const configMap = name && subject.find({ group: '', kind: 'ConfigMap', namespace, name });
      if (!configMap) continue;
      for (const [key, { value }] of entriesAt(configMap.node, ['data']))
        if (value.type === 'scalar') tellFile(key, String(value.value), tell);
    }
  return told;
}

function tellFile(name: string, text: string, tell: (name: string, value: string) => void): void {
  if (/\.ya?ml$/.test(name))
    for (const { node } of parseYaml(name, text).documents) if (node) tellNode(node, '', tell);
  if (!/\.(properties|ini|cfg)$/.test(name)) return;
  let section = '';
  for (const line of text.split('\n')) {
    const header = /^\[(.+)\]\s*$/.exec(line);
    const setting = /^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line);
    if (header) section = `${header[1]}.`;
    else if (setting) tell(section + setting[1], setting[2]!.replace(/^"(.*)"$/, '$1'));
  }
}

function tellNode(node: Node, path: string, tell: (name: string, value: string) => void): void {
  if (node.type === 'scalar') tell(path, String(node.value));
  else if (node.type === 'map')
    for (const [key, { value }] of node.entries) tellNode(value, path === '' ? key : `${path}.${key}`, tell);
}
