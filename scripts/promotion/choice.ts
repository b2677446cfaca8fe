/** What a person has asked to promote, found in the repository. */

import { type PromotedComponent, promotionSubject } from '../checks/promotion/subject.ts';
import type { UsageError } from '../cli/exit.ts';
import { findEnvironment } from '../cluster/components.ts';
import type { Environment, Repository } from '../render/environment.ts';
import { didYouMean } from '../text/nearest.ts';
import { branchOf, pinPlace } from './pin.ts';
import { enumeration } from './words.ts';

type Found<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: UsageError };

/** The environments in which something can be promoted, and what. */
export interface Choice {
  readonly environment: Environment;
  /** Every component with a source of its own; none where the environment follows main. */
  readonly promotable: readonly PromotedComponent[];
}

/** The environment that is named, or the only one in which something can be promoted. */
export function chooseEnvironment(repository: Repository, name: string | undefined): Found<Choice> {
  const choices = repository.environments.map((environment) => ({
    environment,
    promotable: promotionSubject(repository, environment).components,
  }));
  if (name !== undefined) {
    const found = findEnvironment(repository, name);
    if (!found.ok) return found;
    return { ok: true, value: choices.find(({ environment }) => environment === found.environment)! };
  }
  const open = choices.filter(({ promotable }) => promotable.length > 0);
  if (open.length === 1) return { ok: true, value: open[0]! };
  return {
    ok: false,
    error:
      open.length === 0
        ? {
            message: 'no environment has components with a GitRepository of their own: all follow main',
            fix: 'A merge to main is their promotion.',
          }
        : {
            message: 'several environments have components that can be promoted',
            fix: `Name one: --environment ${open.map(({ environment }) => environment.name).join(' | ')}.`,
          },
  };
}

/** The components that are named, each once. */
export function chooseComponents(
  { environment, promotable }: Choice,
  names: readonly string[],
): Found<readonly PromotedComponent[]> {
  const known = promotable.map(({ component }) => component);
  for (const name of names) {
    if (known.includes(name)) continue;
    return { ok: false, error: notPromotable(environment, name, known) };
  }
  const selected = promotable.filter(({ component }) => names.includes(component));
  // Components with one source have one pin, and move together.
  for (const { component, source } of selected) {
    const others = promotable.filter((other) => other.source === source && !names.includes(other.component));
    if (others.length > 0)
      return {
        ok: false,
        error: {
          message: `${component} has its GitRepository ${source.name} together with ${enumeration(others.map((other) => other.component))}`,
          fix: `Name them too: ${[component, ...others.map((other) => other.component)].join(' ')}.`,
        },
      };
  }
  return { ok: true, value: selected };
}

function notPromotable({ name, builds }: Environment, wanted: string, known: readonly string[]): UsageError {
  const build = builds.find(({ component }) => component === wanted);
  if (!build)
    return {
      message: `there is no component \`${wanted}\` in ${name}${didYouMean(wanted, known)}`,
      fix: `One of ${known.join(', ')}.`,
    };
  return build.failures.some(({ code }) => code === 'foreign-source')
    ? {
        message: `${wanted} of ${name} is built from another repository, and cannot be promoted`,
        fix: 'It moves with the component that names its source.',
      }
    : {
        message: `${wanted} of ${name} has no GitRepository of its own: it follows main, and cannot be promoted`,
        fix: 'What is merged to main reaches it at once.',
      };
}

/** The branch of which the pins are commits. */
export function chooseBranch(components: readonly PromotedComponent[]): Found<string> {
  const branches = new Set(components.map((component) => branchOf(component) ?? ''));
  const unnamed = components.find((component) => branchOf(component) === undefined);
  if (unnamed)
    return {
      ok: false,
      error: {
        message: `GitRepository ${unnamed.source.name} names no branch, so it cannot be told which commits it may be pinned to`,
        fix: `Write \`branch: main\` below \`ref:\` in ${pinPlace(unnamed).file}.`,
      },
    };
  const [branch, other] = branches;
  if (branch === undefined || other !== undefined)
    return {
      ok: false,
      error: {
        message: `the components follow different branches: ${[...branches].join(', ')}`,
        fix: 'Promote those of each branch by themselves.',
      },
    };
  return { ok: true, value: branch };
}
