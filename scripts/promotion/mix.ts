/** What a cluster runs with given pins, and what the gate says of it. */

import { checkDeployed } from '../checks/deployed.ts';
import { allStages } from '../checks/index.ts';
import { applyWaivers, readWaivers } from '../checks/waivers.ts';
import type { UsageError } from '../cli/exit.ts';
import type { Finding } from '../finding.ts';
import type { Judge } from '../flux/build.ts';
import { renderDeployed } from '../render/deployed.ts';
import type { DeployedEnvironment, Environment, Repository } from '../render/environment.ts';
import { renderRepository } from '../render/render.ts';
import { type CommitResult, openCommit } from '../repository/commit.ts';
import { withTexts } from '../repository/files.ts';
import type { ParsedFiles, Sources } from '../repository/sources.ts';
import { parseYaml, type YamlFile } from '../yaml/parse.ts';
import { type PinEdit, withPins } from './pin.ts';

/** An environment as its cluster runs it, each component at its own pin. */
export interface Mix {
  readonly environment: Environment;
  /** By component; those that follow main are not there. */
  readonly pins: ReadonlyMap<string, string>;
  /** The files of `flux/` that make it so, where they differ from the working tree. */
  readonly texts: ReadonlyMap<string, string>;
  /** Undefined where nothing is pinned. */
  readonly deployed: DeployedEnvironment | undefined;
}

export type MixResult =
  | { readonly ok: true; readonly mix: Mix }
  | { readonly ok: false; readonly error: UsageError };

export interface Mixer {
  /** What runs with the pins of the working tree. */
  readonly now: Mix;
  /** What would run with these pins instead. */
  with(edits: readonly PinEdit[]): MixResult;
  /** The gate's verdict on a mix: its errors, and as warnings what commits are found to have by themselves. */
  findings(mix: Mix): readonly Finding[];
}

/** What the gate says of a mix and does not say of what runs now. */
export function newFindings({ now, findings }: Mixer, mix: Mix): readonly Finding[] {
  const after = findings(mix);
  if (after.length === 0) return [];
  const before = new Set(findings(now).map(identity));
  return after.filter((finding) => !before.has(identity(finding)));
}

const identity = ({ rule, file, message, environment, component }: Finding): string =>
  [rule, file, message, environment, component].join('\u0000');

export interface MixerOptions {
  /** The clone. */
  readonly root: string;
  readonly judge?: Judge;
  /** ISO date, for waivers. */
  readonly today: string;
}

export function openMixer(repository: Repository, environment: Environment, options: MixerOptions): Mixer {
  const { root, judge, today } = options;
  const { sources } = repository;
  const parsed: ParsedFiles = new Map();
  const commits = new Map<string, CommitResult>();
  const openPin = (commit: string): CommitResult => {
    const opened = commits.get(commit) ?? openCommit(root, commit);
    commits.set(commit, opened);
    return opened;
  };
  const deployed = repository.deployed?.find((each) => each.environment.name === environment.name);
  const now: Mix = {
    environment: deployed?.environment ?? environment,
    pins: deployed?.pins ?? new Map(),
    texts: new Map(),
    deployed,
  };
  const waivers = readWaivers(
    sources,
    new Set(allStages.flatMap((stage) => stage.rules.map(({ id }) => id))),
  ).waivers;
  const known = new Map<string, readonly Finding[]>();
  return {
    now,
    with(edits) {
      if (edits.length === 0) return { ok: true, mix: now };
      const edited = withPins(sources.files, edits);
      if (!edited.ok) return edited;
      const own = withEdits(sources, edited.texts);
      const rendered = renderDeployed(own, [repinned(environment, own, judge)], {
        openPin,
        parsed,
        ...(judge && { judge }),
      });
      if (!rendered.ok) return rendered;
      const found = rendered.deployed.find((each) => each.environment.name === environment.name);
      return {
        ok: true,
        mix: {
          environment: found?.environment ?? environment,
          pins: found?.pins ?? new Map(),
          texts: edited.texts,
          deployed: found,
        },
      };
    },
    findings(mix) {
      const key = JSON.stringify([...mix.pins].sort());
      const done = known.get(key);
      if (done) return done;
      const found = mix.deployed
        ? [
            ...checkDeployed({ ...repository, sources: withEdits(sources, mix.texts) }, [mix.deployed], {
              stages: allStages,
              applies: () => true,
              found: [],
            }),
          ]
        : [];
      const { findings } = applyWaivers(found, waivers, { today, complete: false });
      known.set(key, findings);
      return findings;
    },
  };
}

function withEdits(sources: Sources, texts: ReadonlyMap<string, string>): Sources {
  const edited = new Map<string, YamlFile>([...texts].map(([path, text]) => [path, parseYaml(path, text)]));
  return {
    files: withTexts(sources.files, texts),
    yaml: (path) => edited.get(path) ?? sources.yaml(path),
  };
}

/** The environment as rendered from the working tree, but for the pins. */
function repinned(environment: Environment, sources: Sources, judge: Judge | undefined): Environment {
  const [rendered] = renderRepository(sources, {
    environments: [environment.name],
    layout: 'environments',
    paths: [],
    ...(judge && { judge }),
  }).environments;
  return rendered ?? environment;
}
