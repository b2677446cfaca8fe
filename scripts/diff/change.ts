/** What a change does to one environment, as data: what the reporters print and what the danger lint looks at. */

import type { ObjectReference } from '../finding.ts';
import type { Build, BuildFailure } from '../render/environment.ts';
import type { RenderedObject } from '../render/object.ts';
import type { Json, Path } from '../yaml/node.ts';

/** `merge`: Flux applies it as soon as it is merged. `promotion`: when the component's pin is moved to it. */
export type Timing = 'merge' | 'promotion';

export interface FieldChange {
  /** For people: `spec.template.spec.containers[kafka].image`. */
  readonly path: string;
  /** Where it is in the object before and after; of a side that lacks it, where it would be. */
  readonly beforePath: Path;
  readonly afterPath: Path;
  /** Absent where the field was added, or is hidden. */
  readonly before?: Json;
  /** Absent where the field was removed, or is hidden. */
  readonly after?: Json;
  readonly kind: 'added' | 'removed' | 'changed' | 'reordered';
  /** A Secret's value, which is never shown. */
  readonly hidden?: true;
}

/** What Flux does with an object that is no longer in Git. */
export interface Fate {
  readonly deleted: boolean;
  /** Why it stays, where it does. */
  readonly reason?: string;
}

export interface ObjectChange {
  /** `moved`: another Flux Kustomization applies it; its fields may have changed, too. */
  readonly status: 'added' | 'removed' | 'changed' | 'moved';
  /** By its name without the hash that kustomize appends. */
  readonly reference: ObjectReference;
  /** The Flux Kustomization that applies it, or did before it was removed. */
  readonly component: string;
  readonly movedFrom?: string;
  readonly before?: RenderedObject;
  readonly after?: RenderedObject;
  readonly fields: readonly FieldChange[];
  readonly fate?: Fate;
}

export interface ImageChange {
  /** A container's name, or `chart`. */
  readonly holder: string;
  /** `image`: of a container. `chart`: of a HelmRelease. */
  readonly type: 'image' | 'chart';
  readonly before: string;
  readonly after: string;
  readonly change: ObjectChange;
  readonly path: Path;
}

export interface Restart {
  readonly reference: ObjectReference;
  readonly component: string;
  /** `one pod at a time`. */
  readonly how: string;
  readonly causes: readonly string[];
}

/** A component of which one side, or both, cannot be built. */
export interface Uncompared {
  readonly component: string;
  readonly before: readonly BuildFailure[];
  readonly after: readonly BuildFailure[];
  /** The build that should yield its Kustomization, where that is what failed. */
  readonly because?: string;
}

export interface EnvironmentChange {
  readonly environment: string;
  readonly timing: Timing;
  /** All objects before and after, those that did not change included. */
  readonly before: readonly RenderedObject[];
  readonly after: readonly RenderedObject[];
  /** By component. */
  readonly buildsBefore: ReadonlyMap<string, Build>;
  readonly buildsAfter: ReadonlyMap<string, Build>;
  /** Sorted by component, then as objects are named. */
  readonly objects: readonly ObjectChange[];
  readonly addedComponents: readonly string[];
  readonly removedComponents: readonly string[];
  readonly images: readonly ImageChange[];
  readonly restarts: readonly Restart[];
  readonly uncompared: readonly Uncompared[];
}
