import { describe } from '../../finding.ts';
import { locate, type RenderedObject } from '../../render/object.ts';
import { nearestName, slipOf } from '../../text/nearest.ts';
import { at, itemsAt, type Path, textAt } from '../../yaml/node.ts';
import { bootstrapName } from '../reference/own-source.ts';
import type { Report, Rule } from '../rule.ts';
import type { FluxSubject } from './flux-objects.ts';

const group = 'source.toolkit.fluxcd.io';
const kinds = ['GitRepository', 'OCIRepository', 'Bucket', 'HelmRepository', 'HelmChart', 'ExternalArtifact'];

export const sourceReference: Rule<FluxSubject> = {
  id: 'flux/source-reference',
  severity: 'error',
  title: 'The source of a Kustomization or HelmRelease exists',
  why: 'Flux reports that the source is not found and applies nothing.',
  fix: 'Write the kind and name of a source of the environment; with `namespace` where it is in another one.',
  docs: 'https://fluxcd.io/flux/components/kustomize/kustomizations/#source-reference',
  scope: 'general',
  *check(subject) {
    const reports: Report[] = [];
    for (const object of subject.kustomizations)
      reports.push(...checkSource(subject, object, ['spec', 'sourceRef']));
    for (const object of subject.helmReleases) {
      reports.push(...checkSource(subject, object, ['spec', 'chart', 'spec', 'sourceRef']));
      reports.push(...checkSource(subject, object, ['spec', 'chartRef']));
    }
    yield* oncePerPlace(reports);
  },
};

/** One line, such as that of a patch for all Kustomizations, gives one report. */
function* oncePerPlace(reports: readonly Report[]): Generator<Report> {
  const places = new Map<string, Report[]>();
  for (const report of reports) {
    const key = JSON.stringify(report.at);
    places.set(key, [...(places.get(key) ?? []), report]);
  }
  for (const [first, ...others] of places.values())
    if (first)
      yield others.length === 0
        ? first
        : { ...first, message: `${first.message} (the same line sets it for ${others.length} more)` };
}

function* checkSource(subject: FluxSubject, object: RenderedObject, path: Path): Generator<Report> {
  const reference = at(object.node, path);
  const kind = textAt(reference, ['kind']);
  const name = textAt(reference, ['name']);
  if (kind === undefined || name === undefined || !kinds.includes(kind)) return;
  const own = subject.references.namespaceOf(object) ?? 'default';
  const namespace = textAt(reference, ['namespace']) ?? own;
  if (subject.references.find({ group, kind, namespace, name })) return;
  // `flux bootstrap` writes this one; before its first run it is nowhere.
  if (kind === 'GitRepository' && name === bootstrapName && namespace === bootstrapName) return;
  if (kind === 'ExternalArtifact' && isMadeFromSources(subject, namespace, name)) return;
  const sources = kinds.flatMap((other) => subject.references.everywhere(group, other));
  const otherKind = sources.find(
    (each) => each.name === name && subject.references.namespaceOf(each) === namespace,
  );
  const otherNamespace = sources.find((each) => each.name === name && each.kind === kind);
  const names = subject.references.everywhere(group, kind, namespace).map((each) => each.name);
  if (kind === 'GitRepository' && namespace === bootstrapName) names.push(bootstrapName);
  const nearest = subject.complete ? nearestName(name, names) : slipOf(name, names);
  if (!subject.complete && !otherKind && nearest === undefined) return;
  const hint = otherKind
    ? `; there is a ${otherKind.kind} of that name`
    : nearest
      ? `; did you mean \`${nearest}\`?`
      : otherNamespace
        ? `; there is one in namespace ${subject.references.namespaceOf(otherNamespace)}`
        : '';
  yield {
    message: `${describe(object)}: its source is ${kind} ${namespace}/${name}, which does not exist: nothing is applied${hint}`,
    at: locate(object, [...path, otherKind ? 'kind' : 'name']),
    object,
    ...(!subject.complete && { severity: 'warning' as const }),
  };
}

/** Whether an ArtifactGenerator makes an artifact; where none is in Git, some other controller may. */
function isMadeFromSources(subject: FluxSubject, namespace: string, name: string): boolean {
  const generators = subject.references.everywhere(
    'source.extensions.fluxcd.io',
    'ArtifactGenerator',
    namespace,
  );
  return (
    generators.length === 0 ||
    generators.some(({ node }) =>
      itemsAt(node, ['spec', 'artifacts']).some((artifact) => textAt(artifact, ['name']) === name),
    )
  );
}
