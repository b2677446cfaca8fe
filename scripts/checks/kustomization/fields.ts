/**
 * The fields of a kustomization.yaml, as kustomize 5.8.1 decodes them (api/types/*.go of sigs.k8s.io/kustomize). It
 * decodes strictly: what is not here is an error in a base or Component, and dropped in silence at a Flux
 * Kustomization's own `spec.path`.
 */
export type FieldType =
  | 'string'
  | 'integer'
  | 'boolean'
  /** Anything, such as a chart's inline values. */
  | 'any'
  /** A mapping from strings to strings. */
  | 'strings'
  | { readonly list: FieldType }
  | { readonly fields: Fields };
export type Fields = Readonly<Record<string, FieldType>>;

const listOf = (type: FieldType): FieldType => ({ list: type });
const stringList = listOf('string');

const gvk: Fields = { group: 'string', version: 'string', kind: 'string' };
const resourceId: Fields = { ...gvk, name: 'string', namespace: 'string' };
const selector: Fields = { ...resourceId, annotationSelector: 'string', labelSelector: 'string' };

const patch: Fields = {
  path: 'string',
  patch: 'string',
  target: { fields: selector },
  options: { fields: { allowNameChange: 'boolean', allowKindChange: 'boolean' } },
};

const fieldOptions: Fields = {
  delimiter: 'string',
  index: 'integer',
  encoding: 'string',
  create: 'boolean',
};

const replacement: Fields = {
  path: 'string',
  source: { fields: { ...resourceId, fieldPath: 'string', options: { fields: fieldOptions } } },
  sourceValue: 'string',
  targets: listOf({
    fields: {
      select: { fields: selector },
      reject: listOf({ fields: selector }),
      fieldPaths: stringList,
      options: { fields: fieldOptions },
    },
  }),
};

const generatorOptions: Fields = {
  labels: 'strings',
  annotations: 'strings',
  disableNameSuffixHash: 'boolean',
  immutable: 'boolean',
};

const generator: Fields = {
  namespace: 'string',
  name: 'string',
  behavior: 'string',
  literals: stringList,
  files: stringList,
  envs: stringList,
  env: 'string',
  options: { fields: generatorOptions },
};

const image: Fields = {
  name: 'string',
  newName: 'string',
  tagSuffix: 'string',
  newTag: 'string',
  digest: 'string',
};

const helmChart: Fields = {
  name: 'string',
  version: 'string',
  repo: 'string',
  releaseName: 'string',
  namespace: 'string',
  additionalValuesFiles: stringList,
  valuesFile: 'string',
  valuesInline: 'any',
  valuesMerge: 'string',
  includeCRDs: 'boolean',
  skipHooks: 'boolean',
  apiVersions: stringList,
  kubeVersion: 'string',
  nameTemplate: 'string',
  skipTests: 'boolean',
  debug: 'boolean',
  devel: 'boolean',
};

const helmChartArgs: Fields = {
  chartName: 'string',
  chartVersion: 'string',
  chartRepoUrl: 'string',
  chartHome: 'string',
  chartRepoName: 'string',
  helmBin: 'string',
  helmHome: 'string',
  values: 'string',
  valuesLocal: 'any',
  valuesMerge: 'string',
  releaseName: 'string',
  releaseNamespace: 'string',
  extraArgs: stringList,
};

export const kustomizationFields: Fields = {
  apiVersion: 'string',
  kind: 'string',
  metadata: { fields: { name: 'string', namespace: 'string', labels: 'strings', annotations: 'strings' } },
  openapi: 'strings',
  namePrefix: 'string',
  nameSuffix: 'string',
  namespace: 'string',
  commonLabels: 'strings',
  labels: listOf({
    fields: {
      pairs: 'strings',
      includeSelectors: 'boolean',
      includeTemplates: 'boolean',
      fields: listOf({ fields: { ...gvk, path: 'string', create: 'boolean' } }),
    },
  }),
  commonAnnotations: 'strings',
  patchesStrategicMerge: stringList,
  patchesJson6902: listOf({ fields: patch }),
  patches: listOf({ fields: patch }),
  images: listOf({ fields: image }),
  imageTags: listOf({ fields: image }),
  replacements: listOf({ fields: replacement }),
  replicas: listOf({ fields: { name: 'string', count: 'integer' } }),
  vars: listOf({
    fields: {
      name: 'string',
      objref: { fields: { ...resourceId, apiVersion: 'string' } },
      fieldref: { fields: { fieldPath: 'string' } },
    },
  }),
  sortOptions: {
    fields: {
      order: 'string',
      legacySortOptions: { fields: { orderFirst: stringList, orderLast: stringList } },
    },
  },
  resources: stringList,
  components: stringList,
  crds: stringList,
  bases: stringList,
  configMapGenerator: listOf({ fields: generator }),
  secretGenerator: listOf({ fields: { ...generator, type: 'string' } }),
  helmGlobals: { fields: { chartHome: 'string', configHome: 'string' } },
  helmCharts: listOf({ fields: helmChart }),
  helmChartInflationGenerator: listOf({ fields: helmChartArgs }),
  generatorOptions: { fields: generatorOptions },
  configurations: stringList,
  generators: stringList,
  transformers: stringList,
  validators: stringList,
  buildMetadata: stringList,
};

/** Go's JSON decoder takes a field whatever its case. */
export function fieldNamed(
  fields: Fields,
  name: string,
): readonly [name: string, type: FieldType] | undefined {
  if (Object.hasOwn(fields, name)) return [name, fields[name]!];
  const lower = name.toLowerCase();
  return Object.entries(fields).find(([field]) => field.toLowerCase() === lower);
}
