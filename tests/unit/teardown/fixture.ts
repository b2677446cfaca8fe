import type { Environment } from '../../../scripts/render/environment.ts';
import { fixture, objectsOf } from '../bootstrap/fixture.ts';

/** A volume of type hostPath. */
export const volume = (name: string, path = `/tmp/${name}`, claim = true): string => `
apiVersion: v1
kind: PersistentVolume
metadata: {name: ${name}}
spec:
  capacity: {storage: 10Gi}
  hostPath: {path: "${path}"}
${claim ? '  claimRef: {namespace: infometis, name: data-kafka-0}' : ''}
`;

/** The small platform, with more objects in one of its components. */
export function withObjects(component: string, yaml: string): { readonly environment: Environment } {
  const environment = fixture().environments[0]!;
  const more = objectsOf(component, yaml);
  return {
    environment: {
      ...environment,
      builds: environment.builds.map((build) =>
        build.component === component ? { ...build, objects: [...build.objects, ...more] } : build,
      ),
      objects: [...environment.objects, ...more],
    },
  };
}
export const { sources } = fixture();
/** With a volume for kafka. */
export const { environment } = withObjects('kafka', volume('kafka-data'));
