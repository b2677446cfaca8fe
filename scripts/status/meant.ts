import { componentBuilds, dependenciesOf } from '../cluster/components.ts';
import { runProcess } from '../cluster/process.ts';
import { pinsOf } from '../flux/pins.ts';
import { containersOf, podTemplateOf } from '../kubernetes/pod-template.ts';
import type { Environment } from '../render/environment.ts';
import { isKind } from '../render/object.ts';
import { textAt } from '../yaml/node.ts';

/** What the checkout says that a component should run. */
export interface Meant {
  readonly component: string;
  /** The commit that its GitRepository names; undefined where it follows the branch. */
  readonly pin: string | undefined;
  /** Images of what runs all the time; undefined where another commit than the one checked out says it. */
  readonly images: readonly string[] | undefined;
  readonly dependsOn: readonly string[];
}

export function meantBy(environment: Environment): readonly Meant[] {
  const pins = pinsOf(environment);
  return componentBuilds(environment).map((build) => {
    const { component, objects, failures } = build;
    const pin = pins.get(component);
    const images = objects
      .filter(
        (object) =>
          isKind(object, 'apps', 'Deployment') ||
          isKind(object, 'apps', 'StatefulSet') ||
          isKind(object, 'apps', 'DaemonSet'),
      )
      .flatMap((object) => {
        const template = podTemplateOf(object);
        return template ? containersOf(template).flatMap(({ node }) => textAt(node, ['image']) ?? []) : [];
      });
    return {
      component,
      pin,
      images: pin === undefined && failures.length === 0 ? [...new Set(images)].sort() : undefined,
      dependsOn: dependenciesOf(build),
    };
  });
}

/** How this clone stands to a commit that runs in a cluster. */
export interface Clone {
  /** The commit that is checked out; undefined outside of Git, or before the first commit. */
  readonly head: string | undefined;
  /** Nothing is changed but not committed. */
  readonly clean: boolean;
  /** How many commits of the branch, as far as this clone knows, come after the running one; undefined where it cannot tell. */
  readonly ahead: number | undefined;
  /** The clone does not know the running commit: it was not fetched for a while, or is another repository. */
  readonly unknown: boolean;
}

/** Asks git; no network. */
export async function readClone(
  root: string,
  branch: string | undefined,
  running: string | undefined,
): Promise<Clone> {
  const git = (...args: string[]) => runProcess(['git', '-C', root, ...args]);
  const [head, status, known, count] = await Promise.all([
    git('rev-parse', '--quiet', '--verify', 'HEAD'),
    git('status', '--porcelain'),
    running === undefined ? undefined : git('cat-file', '-e', `${running}^{commit}`),
    running === undefined || branch === undefined
      ? undefined
      : git('rev-list', '--count', `${running}..refs/remotes/origin/${branch}`),
  ]);
  const hasHead = head.code === 0;
  return {
    head: hasHead ? head.stdout.trim() : undefined,
    clean: status.code === 0 && status.stdout.trim() === '',
    unknown: hasHead && known !== undefined && known.code !== 0,
    ahead: count?.code === 0 ? Number(count.stdout.trim()) : undefined,
  };
}
