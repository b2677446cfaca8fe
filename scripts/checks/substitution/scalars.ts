import { isSubstitutionDisabled } from '../../flux/substitute.ts';
import { hasVariables } from '../../flux/variables.ts';
import type { Build } from '../../render/environment.ts';
import type { RenderedObject } from '../../render/object.ts';
import type { Node, Path, ScalarNode } from '../../yaml/node.ts';

/** A text of an object, and where it stands. */
export interface Text {
  readonly object: RenderedObject;
  readonly path: Path;
  readonly text: string;
}

/**
 * Every text of a build's objects that Flux hands to the cluster as it is: those of a Kustomization without variables,
 * without the objects that opt out of substitution.
 */
export function* unsubstitutedTexts(build: Build): Generator<Text> {
  if (build.kustomization && hasVariables(build.kustomization)) return;
  for (const object of build.objects) {
    if (isSubstitutionDisabled(object.node)) continue;
    for (const [path, { value }] of scalarsOf(object.node, []))
      if (typeof value === 'string') yield { object, path, text: value };
  }
}

function* scalarsOf(node: Node, path: Path): Generator<[Path, ScalarNode]> {
  switch (node.type) {
    case 'scalar':
      yield [path, node];
      return;
    case 'list':
      for (const [index, item] of node.items.entries()) yield* scalarsOf(item, [...path, index]);
      return;
    case 'map':
      for (const [key, { value }] of node.entries) yield* scalarsOf(value, [...path, key]);
  }
}
