import { containersOf, podTemplateOf } from '../kubernetes/pod-template.ts';
import { isKind } from '../render/object.ts';
import { textAt } from '../yaml/node.ts';
import type { ImageChange, ObjectChange } from './change.ts';
import { textIn } from './json.ts';

/** The images and charts that changed, of containers and HelmReleases that are there before and after. */
export const imageChanges = (changes: readonly ObjectChange[]): readonly ImageChange[] =>
  changes.flatMap((change) => [...containerImages(change), ...charts(change)]);

function* containerImages(change: ObjectChange): Generator<ImageChange> {
  const templates = [change.before, change.after].map((object) => object && podTemplateOf(object));
  const [old, now] = templates;
  if (!old || !now) return;
  const images = new Map(
    containersOf(old).map(({ list, name, node }) => [`${list}/${name}`, textAt(node, ['image'])]),
  );
  for (const { list, name, node, path } of containersOf(now)) {
    const before = images.get(`${list}/${name}`);
    const after = textAt(node, ['image']);
    if (before !== undefined && after !== undefined && before !== after)
      yield { holder: name, type: 'image', before, after, change, path: [...path, 'image'] };
  }
}

function* charts(change: ObjectChange): Generator<ImageChange> {
  const { before, after } = change;
  if (!before || !after || !isKind(after, 'helm.toolkit.fluxcd.io', 'HelmRelease')) return;
  const chart = (field: string) => ['spec', 'chart', 'spec', field];
  const versions = [before, after].map((object) => textIn(object.value, chart('version')));
  const names = [before, after].map((object) => textIn(object.value, chart('chart')));
  const [old, now] = versions;
  if (old !== undefined && now !== undefined && old !== now && names[0] === names[1])
    yield {
      holder: 'chart',
      type: 'chart',
      before: `${names[0]}:${old}`,
      after: `${names[1]}:${now}`,
      change,
      path: chart('version'),
    };
}
