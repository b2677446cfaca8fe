import type { RenderedObject } from '../../render/object.ts';
import { entriesAt, type Node, type Origin } from '../../yaml/node.ts';
import { fieldOf, itemsOf } from './kustomization-files.ts';
import type { KustomizationSubject } from './subject.ts';

/** One set of labels that a kustomization puts on objects. */
export interface LabelSet {
  /** Where the field that reaches beyond `metadata.labels` stands. */
  readonly origin: Origin;
  readonly labels: ReadonlyMap<string, Origin>;
  readonly selectors: boolean;
  readonly templates: boolean;
}

export function* labelSetsOf(subject: KustomizationSubject): Generator<LabelSet> {
  const common = fieldOf(subject.node, 'commonLabels');
  if (common) yield { origin: common.origin, labels: keysOf(common.value), selectors: true, templates: true };
  for (const item of itemsOf(subject.node, 'labels')) {
    const selectors = fieldOf(item, 'includeSelectors');
    const templates = fieldOf(item, 'includeTemplates');
    yield {
      origin: (isTrue(selectors?.value) ? selectors : templates)?.origin ?? item.origin,
      labels: keysOf(fieldOf(item, 'pairs')?.value),
      selectors: isTrue(selectors?.value),
      templates: isTrue(selectors?.value) || isTrue(templates?.value),
    };
  }
}

/** The objects of the subject's builds that carry all labels of a set where it would have put them. */
export function* labelled(subject: KustomizationSubject, set: LabelSet): Generator<RenderedObject> {
  for (const build of subject.usedBy)
    for (const object of build.objects) {
      const labels = entriesAt(object.node, ['metadata', 'labels']);
      // Another kustomization may set the same label; the origin tells whose it is.
      const ours = [...set.labels.values()].some((origin) =>
        [...labels.values()].some(
          (entry) => isSame(entry.origin, origin) || isSame(entry.value.origin, origin),
        ),
      );
      if (ours) yield object;
    }
}

const isTrue = (node: Node | undefined): boolean => node?.type === 'scalar' && node.value === true;

const keysOf = (node: Node | undefined): ReadonlyMap<string, Origin> =>
  new Map([...entriesAt(node, [])].map(([key, entry]) => [key, entry.origin]));

const isSame = (one: Origin, other: Origin): boolean => one.file === other.file && one.line === other.line;
