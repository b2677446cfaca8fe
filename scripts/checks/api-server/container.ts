import { apiServerRule } from './api-server-rule.ts';

export const container = apiServerRule('container', {
  title: 'Containers have unique names, an image and fields that go together.',
  why: 'The server refuses the object.',
  fix: 'Follow the message.',
});
