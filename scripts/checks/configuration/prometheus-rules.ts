import { describe } from '../../finding.ts';
import { didYouMean } from '../../text/nearest.ts';
import { entriesAt, itemsAt, type Node, textAt } from '../../yaml/node.ts';
import type { Report, Rule } from '../rule.ts';
import { type ParsedFile, prometheuses } from './prometheus.ts';
import type { ConfigurationSubject } from './subject.ts';

const groupFields: ReadonlySet<string> = new Set(['interval', 'limit', 'name', 'query_offset', 'rules']);
const ruleFields: ReadonlySet<string> = new Set([
  'alert',
  'annotations',
  'expr',
  'for',
  'keep_firing_for',
  'labels',
  'record',
]);
const duration = /^(?:0|(?:\d+(?:ms|[smhdwy]))+)$/;

export const prometheusRules: Rule<ConfigurationSubject> = {
  id: 'configuration/prometheus-rules',
  severity: 'error',
  title: 'Prometheus can read its rules',
  why: 'Prometheus loads all rules or none: over one that it cannot read it does not start, or after a reload goes on with the old ones.',
  fix: 'Correct the rule. The queries themselves are tried by `npm run test:components`, with promtool.',
  docs: 'https://prometheus.io/docs/prometheus/2.47/configuration/alerting_rules/',
  scope: 'infometis',
  *check({ index }) {
    for (const { workload, rules } of prometheuses(index))
      for (const parsed of rules)
        for (const report of checkFile(parsed))
          yield { ...report, message: `${describe(workload.object)}: ${report.message}` };
  },
};

function* checkFile({ file, root, problems }: ParsedFile): Generator<Report> {
  const report = (message: string, node: { readonly origin: Node['origin'] }): Report => ({
    message: `\`${file.key}\`: ${message}`,
    at: node.origin,
    object: file.object,
  });
  for (const { message, origin } of problems) yield report(`cannot be read: ${message}`, { origin });
  const groups = new Set<string>();
  for (const group of itemsAt(root, ['groups'])) {
    const name = textAt(group, ['name']);
    if (name === undefined) yield report('a group has no `name`', group);
    else if (groups.has(name)) yield report(`two groups are named \`${name}\``, group);
    else groups.add(name);
    for (const [field, entry] of entriesAt(group, []))
      if (!groupFields.has(field))
        yield report(`a group has no field \`${field}\`${didYouMean(field, groupFields)}`, entry);
    for (const rule of itemsAt(group, ['rules'])) yield* checkRule(rule, report);
  }
}

function* checkRule(
  rule: Node,
  report: (message: string, node: { readonly origin: Node['origin'] }) => Report,
): Generator<Report> {
  const fields = entriesAt(rule, []);
  const name = textAt(rule, ['alert']) ?? textAt(rule, ['record']);
  const title = `rule \`${name ?? '?'}\``;
  if (fields.has('alert') === fields.has('record'))
    yield report(
      `${title} has ${fields.has('alert') ? 'both' : 'neither'} \`alert\` and \`record\`: one of them makes a rule`,
      rule,
    );
  for (const [field, entry] of fields)
    if (!ruleFields.has(field))
      yield report(`${title} has no field \`${field}\`${didYouMean(field, ruleFields)}`, entry);
  const expression = fields.get('expr');
  const text = expression && textAt(expression.value, []);
  if (expression === undefined || (text !== undefined && text.trim() === ''))
    yield report(`${title} has no \`expr\``, expression ?? rule);
  else if (text !== undefined) {
    const fault = unbalanced(text);
    if (fault !== undefined) yield report(`the query of ${title} has ${fault}`, expression);
  }
  for (const field of ['for', 'keep_firing_for']) {
    const entry = fields.get(field);
    const value =
      entry && (textAt(entry.value, []) ?? String(entry.value.type === 'scalar' ? entry.value.value : ''));
    if (entry && value !== undefined && !duration.test(value))
      yield report(`\`${field}\` of ${title} is \`${value}\`, which is no duration such as 5m`, entry);
    if (entry && fields.has('record'))
      yield report(`${title} records, and \`${field}\` belongs to alerts`, entry);
  }
}

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** A bracket or quote that is not closed; what is between them is promtool's business. */
function unbalanced(query: string): string | undefined {
  const clean = query
    .replaceAll(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`/g, '')
    .replaceAll(/#[^\n]*/g, '');
  const quote = /["'`]/.exec(clean);
  if (quote) return `a quote (\`${quote[0]}\`) that is never closed`;
  const open: string[] = [];
  for (const [character] of clean.matchAll(/[()[\]{}]/g)) {
    const close = closing[character];
    if (close !== undefined) open.push(close);
    else if (open.pop() !== character) return `a \`${character}\` that nothing opens`;
  }
  return open.length > 0 ? `a bracket that no \`${open.at(-1)}\` closes` : undefined;
}
