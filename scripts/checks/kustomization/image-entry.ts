import type { Report, Rule } from '../rule.ts';
import { fieldOf, itemsOf, textOf } from './kustomization-files.ts';
import type { KustomizationSubject } from './subject.ts';

const digest = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/;
const tag = /^\w[\w.-]{0,127}$/;

export const imageEntry: Rule<KustomizationSubject> = {
  id: 'kustomization/image-entry',
  severity: 'error',
  title: 'An entry of `images` makes a valid image reference.',
  why: 'kustomize joins name, tag and digest as they are written; the kubelet refuses the result (InvalidImageName), or pulls another image than was meant.',
  fix: 'Write `newTag: <tag>`, with `digest: sha256:…` or `@sha256:…` behind the tag, not both.',
  docs: 'https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/',
  scope: 'general',
  *check(subject) {
    for (const field of ['images', 'imageTags'])
      for (const item of itemsOf(subject.node, field)) if (item.type === 'map') yield* inEntry(item);
  },
};

function* inEntry(item: Parameters<typeof fieldOf>[0] & object): Generator<Report> {
  const name = textOf(item, 'name') ?? '';
  const newTag = textOf(item, 'newTag') ?? '';
  const ownDigest = textOf(item, 'digest') ?? '';
  const originOf = (field: string) => fieldOf(item, field)?.origin ?? item.origin;
  if (name === '')
    yield {
      message: 'the entry has no `name`: it matches no image',
      fix: 'Add `name` with the image as the workload writes it, without its tag.',
      at: item.origin,
    };
  const [tagPart = '', ...digestPart] = newTag.split('@');
  if (digestPart.length > 0 && ownDigest !== '')
    yield {
      message: `\`${name}\` gets two digests, one in \`newTag\` and one in \`digest\`: the image name becomes invalid`,
      fix: 'Keep the digest in one of the two fields.',
      at: originOf('digest'),
    };
  // Placeholders of Flux are filled in later.
  if (tagPart !== '' && !tag.test(tagPart) && !tagPart.includes('${'))
    yield {
      message: `\`${tagPart}\` is no tag (letters, digits, \`_\`, \`.\` and \`-\`): \`${name}\` becomes an invalid image name`,
      fix: tagPart.startsWith(':')
        ? `Write \`newTag: "${tagPart.slice(1)}"\`.`
        : 'Write the tag alone; a new name goes into `newName`.',
      at: originOf('newTag'),
    };
  for (const [field, text] of [
    ['digest', ownDigest],
    ['newTag', digestPart.join('@')],
  ] as const)
    if (text !== '' && !digest.test(text) && !text.includes('${'))
      yield {
        message: `\`${text}\` is no digest: \`${name}\` becomes an invalid image name`,
        fix: 'Write `sha256:` and 64 hexadecimal digits.',
        at: originOf(field),
      };
  if (newTag === '' && ownDigest === '' && textOf(item, 'tagSuffix'))
    yield {
      message: `\`tagSuffix\` is applied twice to ordinary containers by kustomize 5.8 (\`${name}:1${textOf(item, 'tagSuffix')}${textOf(item, 'tagSuffix')}\`)`,
      fix: 'Write the whole tag in `newTag`.',
      at: originOf('tagSuffix'),
    };
  if (['newName', 'newTag', 'digest', 'tagSuffix'].every((field) => fieldOf(item, field) === undefined))
    yield {
      message: `the entry for \`${name}\` changes nothing: it has no \`newTag\`, \`newName\` or \`digest\``,
      severity: 'warning',
      at: item.origin,
    };
}
