import type { Sources } from '../repository/sources.ts';
import { at, itemsAt, type Node, textAt } from '../yaml/node.ts';
import { goRegexMatches } from './go-regex.ts';

/** Where SOPS finds for whom, and how, a file is to be encrypted. */
export const configFile = '.sops.yaml';

/** One of the `creation_rules`. */
export interface CreationRule {
  readonly node: Node;
  readonly pathRegex: string;
  /** Its age recipients. */
  readonly recipients: readonly string[];
}

/** The creation rules in their order; undefined where there is no `.sops.yaml`. */
export function readCreationRules(sources: Sources): readonly CreationRule[] | undefined {
  const node = sources.yaml(configFile)?.documents[0]?.node;
  if (!node) return undefined;
  return itemsAt(node, ['creation_rules']).map((rule) => ({
    node: rule,
    pathRegex: textAt(rule, ['path_regex']) ?? '',
    recipients: [rule, ...itemsAt(rule, ['key_groups'])].flatMap(recipientsIn),
  }));
}

/** The rule that SOPS takes for a file: the first whose pattern matches somewhere in its path. */
export const ruleFor = (rules: readonly CreationRule[], file: string): CreationRule | undefined =>
  rules.find(({ pathRegex }) => pathRegex === '' || goRegexMatches(pathRegex, file) === true);

// A list, or one text with commas.
function recipientsIn(node: Node): readonly string[] {
  const age = at(node, ['age']);
  const texts = age?.type === 'list' ? age.items.map((item) => textAt(item, [])) : [textAt(node, ['age'])];
  return texts
    .flatMap((text) => (text ?? '').split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '');
}
