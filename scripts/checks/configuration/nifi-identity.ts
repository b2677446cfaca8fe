import { describe } from '../../finding.ts';
import { nearestName } from '../../text/nearest.ts';
import { isUnknown } from '../reference/known-cluster.ts';
import type { Report, Rule } from '../rule.ts';
import { certificates } from './certificates.ts';
import { type ConfigFile, configFilesOf, placeIn } from './config-files.ts';
import type { ConfigurationSubject } from './subject.ts';

const property = /<property name="([^"]*Identity[^"]*)">([^<]*)<\/property>/g;
const known = /^(?:Initial User Identity|Initial Admin Identity|Node Identity|NiFi Identity)(?: .+)?$/;

export const nifiIdentity: Rule<ConfigurationSubject> = {
  id: 'configuration/nifi-identity',
  severity: 'error',
  title: 'The identities in authorizers.xml are the subjects of certificates that exist, each of them a user',
  why: 'NiFi knows a node by the subject of its certificate, letter by letter: one that differs may not join, and a policy for someone who is no user stops the start ("Unable to locate node … to seed policies").',
  fix: 'Write `CN=<commonName>, O=<organization>` as the Certificate has it, and list every identity as an Initial User Identity too.',
  docs: 'https://nifi.apache.org/docs/nifi-docs/html/administration-guide.html#authorizers-setup',
  scope: 'infometis',
  *check({ index }) {
    const subjects = certificates(index).flatMap(({ subject }) => subject ?? []);
    // A certificate may be missing here because its build failed.
    if (subjects.length === 0 || index.environment.builds.some(isUnknown)) return;
    for (const workload of index.workloads)
      for (const file of configFilesOf(index, workload))
        if (/(^|\/)authorizers\.xml$/.test(file.path))
          for (const report of checkFile(file, subjects))
            yield { ...report, message: `${describe(workload.object)}: ${report.message}` };
  },
};

function* checkFile(file: ConfigFile, subjects: readonly string[]): Generator<Report> {
  // Comments may show examples.
  const text = file.text.replaceAll(/<!--[\s\S]*?-->/g, (comment) => comment.replaceAll(/[^\n]/g, ' '));
  const found = [...text.matchAll(property)].filter(([, name]) => known.test(name!));
  const users = new Set(
    found.filter(([, name]) => name!.startsWith('Initial User')).map((match) => match[2]!.trim()),
  );
  for (const match of found) {
    const name = match[1]!;
    const identity = match[2]!.trim();
    const place = { at: placeIn(file, match.index), object: file.object };
    if (identity === '') continue;
    if (identity.startsWith('CN=') && !subjects.includes(identity)) {
      const nearest = nearestName(identity, subjects);
      yield {
        message: `\`${name}\` of \`${file.key}\` is \`${identity}\`, which is the subject of no certificate${nearest === undefined ? '' : `; did you mean \`${nearest}\`?`}`,
        ...place,
      };
    } else if (users.size > 0 && !users.has(identity))
      yield {
        message: `\`${name}\` of \`${file.key}\` is \`${identity}\`, which is no Initial User Identity: NiFi does not start`,
        ...place,
      };
  }
}
