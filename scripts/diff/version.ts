/** Images and the versions in their tags. */

export interface Image {
  readonly repository: string;
  /** Empty where there is none. */
  readonly tag: string;
  readonly digest: string;
}

export function parseImage(image: string): Image {
  const [name = '', digest = ''] = image.split('@');
  const colon = name.lastIndexOf(':');
  const hasTag = colon > name.lastIndexOf('/');
  return {
    repository: hasTag ? name.slice(0, colon) : name,
    tag: hasTag ? name.slice(colon + 1) : '',
    digest,
  };
}

/** The numbers of a version: `1.18.1-scala_2.12-java11` is 1, 18, 1; undefined where it is none, as `latest` and ranges. */
export function versionOf(text: string): readonly number[] | undefined {
  const match = /^v?(\d{1,8}(?:\.\d{1,8})*)(?:[-+_.][\w.+-]*)?$/.exec(text);
  return match?.[1]?.split('.').map(Number);
}

/** Negative where the first is older; a number that is not written counts as 0. */
export function compareVersions(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
