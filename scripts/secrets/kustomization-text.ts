import { isScalar, isSeq, parseDocument } from 'yaml';

const start = `# The Secrets of the environment, encrypted. \`npm run secrets\` lists here what it makes.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: []
`;

/** The text of a kustomization that lists these files among its resources, and what it listed before. */
export function withResources(text: string | undefined, files: readonly string[]): string {
  const document = parseDocument(text ?? start);
  const listed = document.get('resources');
  const resources = isSeq(listed) ? listed : document.createNode([]);
  const present = resources.items.map((item) => (isScalar(item) ? String(item.value) : ''));
  const added = files.filter((file) => !present.includes(file));
  if (added.length === 0 && text !== undefined) return text;
  resources.flow = false;
  resources.items.push(...added.map((file) => document.createNode(file)));
  if (!isSeq(listed)) document.set('resources', resources);
  return document.toString({ lineWidth: 0 });
}

/** The files that a kustomization lists. */
export function resourcesOf(text: string | undefined): readonly string[] {
  const listed = text === undefined ? undefined : parseDocument(text).get('resources');
  return isSeq(listed) ? listed.items.map((item) => (isScalar(item) ? String(item.value) : '')) : [];
}
