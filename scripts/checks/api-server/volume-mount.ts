import { apiServerRule } from './api-server-rule.ts';

export const volumeMount = apiServerRule('volume-mount', {
  // Within a repository the stage `reference` tells the same with the names of the objects.
  consequence: true,
  title: 'Containers mount volumes that the pod has, each at its own path.',
  why: 'The server refuses the object.',
  fix: 'Add the volume to the pod, or correct the name in the mount.',
});
