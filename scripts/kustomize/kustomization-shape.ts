/** The types of a kustomization's fields, as kustomize 5.8.1 decodes them. */
export type Shape =
  | 'string'
  | 'bool'
  | 'int'
  | 'any'
  | { readonly list: Shape }
  | { readonly map: Shape }
  | { readonly fields: Readonly<Record<string, Shape>> };

const strings: Shape = { list: 'string' };
const stringMap: Shape = { map: 'string' };
const anything: Shape = { list: 'any' };

const gvk = { group: 'string', version: 'string', kind: 'string' } as const;
const id = { ...gvk, name: 'string', namespace: 'string' } as const;
const selector: Shape = { fields: { ...id, annotationSelector: 'string', labelSelector: 'string' } };
const fieldOptions: Shape = {
  fields: { delimiter: 'string', index: 'int', encoding: 'string', create: 'bool' },
};

const patch: Shape = {
  fields: {
    path: 'string',
    patch: 'string',
    target: selector,
    options: { fields: { allowNameChange: 'bool', allowKindChange: 'bool' } },
  },
};
const image: Shape = {
  fields: { name: 'string', newName: 'string', tagSuffix: 'string', newTag: 'string', digest: 'string' },
};
const generatorOptions: Shape = {
  fields: { labels: stringMap, annotations: stringMap, disableNameSuffixHash: 'bool', immutable: 'bool' },
};
const generator = {
  namespace: 'string',
  name: 'string',
  behavior: 'string',
  literals: strings,
  files: strings,
  envs: strings,
  env: 'string',
  options: generatorOptions,
} as const;

const replacement = {
  source: { fields: { ...id, fieldPath: 'string', options: fieldOptions } },
  sourceValue: 'string',
  targets: {
    list: {
      fields: { select: selector, reject: { list: selector }, fieldPaths: strings, options: fieldOptions },
    },
  },
} as const satisfies Record<string, Shape>;

/** One entry of a file that `replacements[].path` names. */
export const replacementShape: Shape = { fields: replacement };

export const kustomizationShape: { readonly fields: Readonly<Record<string, Shape>> } = {
  fields: {
    kind: 'string',
    apiVersion: 'string',
    metadata: {
      fields: { name: 'string', namespace: 'string', labels: stringMap, annotations: stringMap },
    },
    openapi: stringMap,
    namePrefix: 'string',
    nameSuffix: 'string',
    namespace: 'string',
    commonLabels: stringMap,
    labels: {
      list: {
        fields: {
          pairs: stringMap,
          includeSelectors: 'bool',
          includeTemplates: 'bool',
          fields: { list: { fields: { ...gvk, path: 'string', create: 'bool' } } },
        },
      },
    },
    commonAnnotations: stringMap,
    patchesStrategicMerge: strings,
    patchesJson6902: { list: patch },
    patches: { list: patch },
    images: { list: image },
    imageTags: { list: image },
    replacements: { list: { fields: { ...replacement, path: 'string' } } },
    replicas: { list: { fields: { name: 'string', count: 'int' } } },
    vars: anything,
    sortOptions: {
      fields: {
        order: 'string',
        legacySortOptions: { fields: { orderFirst: strings, orderLast: strings } },
      },
    },
    resources: strings,
    components: strings,
    crds: strings,
    bases: strings,
    configMapGenerator: { list: { fields: generator } },
    secretGenerator: { list: { fields: { ...generator, type: 'string' } } },
    helmGlobals: 'any',
    helmCharts: anything,
    helmChartInflationGenerator: anything,
    generatorOptions,
    configurations: strings,
    generators: strings,
    transformers: strings,
    validators: strings,
    buildMetadata: strings,
  },
};
