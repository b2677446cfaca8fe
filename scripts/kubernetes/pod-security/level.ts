/** Which level a namespace's labels ask for. */

export const podSecurityLevels = ['privileged', 'baseline', 'restricted'] as const;
export type PodSecurityLevel = (typeof podSecurityLevels)[number];

/** A level as of a version of Kubernetes: a minor number, or `latest`. */
export interface LevelVersion {
  readonly level: PodSecurityLevel;
  readonly version: number | 'latest';
}

export const podSecurityModes = ['enforce', 'audit', 'warn'] as const;
export type PodSecurityMode = (typeof podSecurityModes)[number];

export interface NamespacePolicy {
  readonly modes: Readonly<Record<PodSecurityMode, LevelVersion>>;
  /** Labels whose value the API server refuses when the namespace is made. */
  readonly invalid: readonly { readonly label: string; readonly value: string; readonly message: string }[];
}

const prefix = 'pod-security.kubernetes.io/';

/** `baseline:latest`, as the server writes it. */
export const describeLevel = ({ level, version }: LevelVersion): string =>
  `${level}:${version === 'latest' ? version : `v1.${version}`}`;

/**
 * The levels that a namespace's labels ask for, for a server whose defaults are privileged. Mirrors PolicyToEvaluate of
 * k8s.io/pod-security-admission/api: a broken enforce label enforces restricted, broken audit and warn labels nothing, and
 * without a warn label the enforced level warns.
 */
export function policyOf(labels: Readonly<Record<string, unknown>>): NamespacePolicy {
  const invalid: { label: string; value: string; message: string }[] = [];
  const read = (label: string): string | undefined => {
    const value = Object.hasOwn(labels, label) ? labels[label] : undefined;
    return typeof value === 'string' ? value : undefined;
  };
  const mode = (name: PodSecurityMode): LevelVersion => {
    let level: PodSecurityLevel = 'privileged';
    let version: number | 'latest' = 'latest';
    const wanted = read(prefix + name);
    if (wanted !== undefined) {
      if (isLevel(wanted)) level = wanted;
      else {
        level = name === 'enforce' ? 'restricted' : 'privileged';
        invalid.push({
          label: prefix + name,
          value: wanted,
          message: `must be one of ${podSecurityLevels.join(', ')}`,
        });
      }
    }
    const wantedVersion = read(`${prefix}${name}-version`);
    if (wantedVersion !== undefined && wantedVersion !== 'latest') {
      const match = /^v1\.(0|[1-9]\d*)$/.exec(wantedVersion);
      if (match) version = Number(match[1]);
      else
        invalid.push({
          label: `${prefix}${name}-version`,
          value: wantedVersion,
          message: 'must be "latest" or "v1.x"',
        });
    }
    return { level, version };
  };
  const enforce = mode('enforce');
  const audit = mode('audit');
  let warn = mode('warn');
  const enforceLabel = read(`${prefix}enforce`);
  if (
    read(`${prefix}warn`) === undefined &&
    enforceLabel !== undefined &&
    isLevel(enforceLabel) &&
    rank(enforce.level) > rank(warn.level)
  )
    warn = {
      level: enforce.level,
      version: read(`${prefix}warn-version`) === undefined ? enforce.version : warn.version,
    };
  return { modes: { enforce, audit, warn }, invalid };
}

export const isLevel = (text: string): text is PodSecurityLevel =>
  (podSecurityLevels as readonly string[]).includes(text);

const rank = (level: PodSecurityLevel): number => podSecurityLevels.indexOf(level);
