import { isMap, isScalar, isSeq, parseDocument, type YAMLMap } from 'yaml';
import { encryptedRegex, pathRegexOf } from './layout.ts';

const head = `# For whom the Secrets of each environment are encrypted. Its recipients can read them; everybody else sees only names.
# Change them with \`npm run secrets -- rotate <environment> --recipients --add … --remove …\`, which encrypts every file anew.
`;

/**
 * The text of \`.sops.yaml\` with these recipients for an environment. What else is in it, comments too, stays.
 *
 * @param text undefined where there is none yet
 */
export function withRecipients(
  text: string | undefined,
  environment: string,
  recipients: readonly string[],
): string {
  const document = parseDocument(text ?? `${head}creation_rules: []\nstores:\n  yaml:\n    indent: 2\n`);
  const rules = document.get('creation_rules');
  const path = pathRegexOf(environment);
  const known = isSeq(rules)
    ? rules.items.find((rule): rule is YAMLMap => isMap(rule) && rule.get('path_regex') === path)
    : undefined;
  if (known) {
    const age = known.get('age');
    if (isSeq(age)) {
      // Whoever stays keeps the comment that says who it is.
      const stay = age.items.filter((item) => isScalar(item) && recipients.includes(String(item.value)));
      const written = stay.map((item) => (isScalar(item) ? String(item.value) : ''));
      age.items = [
        ...stay,
        ...recipients
          .filter((recipient) => !written.includes(recipient))
          .map((recipient) => document.createNode(recipient)),
      ];
    } else known.set('age', document.createNode(recipients));
  } else {
    const rule = document.createNode({
      path_regex: path,
      encrypted_regex: encryptedRegex,
      // Labels and annotations may change without the key, as kustomize changes them anyway.
      mac_only_encrypted: true,
      age: recipients,
    });
    if (isSeq(rules)) {
      rules.flow = false;
      // SOPS takes the first rule that matches: one for everything else comes last.
      rules.items.unshift(rule);
    } else document.set('creation_rules', document.createNode([rule]));
  }
  return document.toString({ lineWidth: 0 });
}
