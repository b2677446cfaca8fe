import { apiServerRule } from './api-server-rule.ts';

export const customResourceDefinition = apiServerRule('custom-resource-definition', {
  title: 'CustomResourceDefinitions have matching names, one stored version and structural schemas.',
  why: 'The server refuses the object, and with it every custom resource of the kind.',
  fix: 'Follow the message.',
});
