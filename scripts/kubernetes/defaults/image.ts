/**
 * The tag that decides how an image is pulled: `latest` where there is neither tag nor digest, nothing for a digest alone.
 * Mirrors ParseImageName of k8s.io/kubernetes/pkg/util/parsers.
 */
export function imageTag(image: string): string {
  const [name, digest] = image.split('@') as [string, string?];
  const colon = name.lastIndexOf(':');
  const tag = colon > name.lastIndexOf('/') ? name.slice(colon + 1) : '';
  return tag === '' && digest === undefined ? 'latest' : tag;
}
