import { kustomizationShape, type Shape } from '../../kustomize/kustomization-shape.ts';

export type Fields = Readonly<Record<string, Shape>>;

const stringList: Shape = { list: 'string' };

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
  includeCRDs: 'bool',
  skipHooks: 'bool',
  apiVersions: stringList,
  kubeVersion: 'string',
  nameTemplate: 'string',
  skipTests: 'bool',
  debug: 'bool',
  devel: 'bool',
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

/**
 * The fields of a kustomization.yaml, as kustomize 5.8.1 decodes them: those that are built here, and the insides of
 * those that only the real kustomize builds (api/types/{var,helmchartargs}.go of sigs.k8s.io/kustomize).
 */
export const kustomizationFields: Fields = {
  ...kustomizationShape.fields,
  vars: {
    list: {
      fields: {
        name: 'string',
        objref: {
          fields: {
            apiVersion: 'string',
            group: 'string',
            version: 'string',
            kind: 'string',
            name: 'string',
            namespace: 'string',
          },
        },
        fieldref: { fields: { fieldPath: 'string' } },
      },
    },
  },
  helmGlobals: { fields: { chartHome: 'string', configHome: 'string' } },
  helmCharts: { list: { fields: helmChart } },
  helmChartInflationGenerator: { list: { fields: helmChartArgs } },
};

/** Go's JSON decoder takes a field whatever its case. */
export function fieldNamed(fields: Fields, name: string): readonly [name: string, type: Shape] | undefined {
  if (Object.hasOwn(fields, name)) return [name, fields[name]!];
  const lower = name.toLowerCase();
  return Object.entries(fields).find(([field]) => field.toLowerCase() === lower);
}
