import './cli/setup.ts';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { parseArguments, text, texts } from './cli/arguments.ts';
import { type ExitCode, exitCode, fail, interrupted, type UsageError } from './cli/exit.ts';
import { openProgress } from './cli/progress.ts';
import { openRepository } from './render/open.ts';
import { check, checkValues, type Fault } from './secrets/check.ts';
import { defaultKeyFile, isFile } from './secrets/context.ts';
import type { KeyDeclaration, SecretDeclaration } from './secrets/declaration.ts';
import { edit } from './secrets/edit.ts';
import { type InitReport, init } from './secrets/init.ts';
import { findPrograms, type Tools } from './secrets/programs.ts';
import { readersOf, restartSteps } from './secrets/restarts.ts';
import { rotate, rotateRecipients } from './secrets/rotate.ts';
import type { ValueSources } from './secrets/values.ts';

const help = `Keeps the Secrets of an environment in Git, encrypted with SOPS and age.

Usage: npm run secrets -- init ENVIRONMENT [OPTIONS]
       npm run secrets -- edit ENVIRONMENT SECRET
       npm run secrets -- rotate ENVIRONMENT [SECRET | SECRET/KEY …] [OPTIONS]
       npm run secrets -- rotate ENVIRONMENT --recipients [--add AGE1…] [--remove AGE1…]
       npm run secrets -- check ENVIRONMENT [--decrypt]

init makes what is missing and keeps what is there: a key pair, the rule in .sops.yaml, and each Secret and key that
secrets.yaml declares. Values that only the site has are taken from --from-file, from the environment
(INFOMETIS_SECRET_<SECRET>_<KEY>), or asked for.
edit opens one Secret in $EDITOR. rotate makes new values, of all keys that can have one or of those named, and says what is
to be restarted. check needs neither sops nor the key, and is red for what is missing; with --decrypt it looks at the values, too.

  --key FILE          the private age key (default: ~/.config/infometis/ENVIRONMENT.agekey, then sops' own places)
  --recipient AGE1…   init: who else can decrypt (may be given more than once, or as a,b)
  --from-file DIR     a directory with a file SECRET/KEY for each value that only the site has
  --skip-external     init: leave out what only the site has, for now
  --recipients        rotate: new data keys, for the recipients of .sops.yaml
  --add, --remove     with --recipients: who comes, who goes
  --decrypt           check: compare the values with secrets.yaml, in memory
  --dry-run           show what would be done
  --json              the report as JSON on standard output
  --root DIR          another checkout
  --help              this text

No value is ever printed, nor an argument of a program. Each file is written whole, so Ctrl-C loses nothing.
Exit codes: 0 good, 1 something is missing or wrong, 2 wrong usage or a tool that failed, 130 Ctrl-C.
`;

const options = {
  key: { type: 'string' },
  recipient: { type: 'string', multiple: true },
  'from-file': { type: 'string' },
  'skip-external': { type: 'boolean' },
  recipients: { type: 'boolean' },
  add: { type: 'string', multiple: true },
  remove: { type: 'string', multiple: true },
  decrypt: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  json: { type: 'boolean' },
  root: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Code = ExitCode | typeof interrupted;

/** The options that each action takes, beyond those that all of them do. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  init: ['recipient', 'from-file', 'skip-external', 'dry-run'],
  edit: [],
  rotate: ['from-file', 'recipients', 'add', 'remove', 'dry-run'],
  check: ['decrypt'],
};

async function main(argv: readonly string[]): Promise<Code> {
  const parsed = parseArguments(argv, options, true);
  if (!parsed.ok) return fail(parsed.error);
  const { values, positionals } = parsed;
  if (values.help) {
    process.stdout.write(help);
    return exitCode.good;
  }
  const [action = '', environment, ...rest] = positionals;
  const takes = allowed[action];
  if (!takes)
    return fail({
      message: action === '' ? 'what is to be done?' : `there is no action \`${action}\``,
      fix: 'npm run secrets -- init|edit|rotate|check small-production',
    });
  if (environment === undefined)
    return fail({ message: 'which environment?', fix: `npm run secrets -- ${action} small-production` });
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(environment))
    return fail({ message: `\`${environment}\` is no name of an environment`, fix: 'See secrets.yaml.' });
  const stray = Object.keys(values).find(
    (name) => !['key', 'json', 'root'].includes(name) && !takes.includes(name),
  );
  if (stray !== undefined)
    return fail({ message: `${action} does not take --${stray}`, fix: 'npm run secrets -- --help' });
  if ((action === 'init' || action === 'check') && rest.length > 0)
    return fail({ message: `${action} takes one environment, not also ${rest.join(', ')}` });
  const changesRecipients = values.recipients === true;
  if ((values.add !== undefined || values.remove !== undefined) && !changesRecipients)
    return fail({ message: '--add and --remove go with --recipients' });
  if (changesRecipients && rest.length > 0)
    return fail({
      message: '--recipients is for all Secrets of the environment',
      fix: `Leave out ${rest.join(', ')}.`,
    });

  const here = process.env.INIT_CWD ?? process.cwd();
  const root = resolve(here, text(values.root) ?? join(import.meta.dirname, '..'));
  const from = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : resolve(here, path);
  const keyFile = from(text(values.key)) ?? defaultKeyFile(environment, process.env);
  const json = values.json === true;
  const out = (line: string): void => {
    if (!json) process.stdout.write(`${line}\n`);
  };

  if (action === 'check' && values.decrypt !== true)
    return report(check(root, environment), environment, json);
  const found = findPrograms();
  if (!found.ok) return fail(found.error);
  if (text(values.key) !== undefined && action !== 'init' && !isFile(keyFile))
    return fail({ message: `--key: there is no file ${keyFile}` });
  const interruption = new AbortController();
  process.once('SIGINT', () => interruption.abort());
  const tools: Tools = {
    programs: found.programs,
    root,
    environment: process.env,
    keyFile: isFile(keyFile) ? keyFile : undefined,
    signal: interruption.signal,
  };
  const sources: ValueSources = {
    directory: from(text(values['from-file'])),
    environment: process.env,
    ask:
      process.stdin.isTTY && process.stderr.isTTY && !json
        ? (question) => ask(question, interruption)
        : undefined,
  };
  const over = (error: UsageError): Code => (interruption.signal.aborted ? cut() : fail(error));

  switch (action) {
    case 'check': {
      const structure = check(root, environment);
      if (!structure.ok) return fail(structure.error);
      const decrypted = await checkValues(tools, environment);
      if (!decrypted.ok) return over(decrypted.error);
      return report({ ...decrypted, faults: [...structure.faults, ...decrypted.faults] }, environment, json);
    }
    case 'init': {
      const made = await init(found.programs, {
        root,
        environment,
        recipients: texts(values.recipient),
        keyFile,
        keyNamed: text(values.key) !== undefined,
        skipExternal: values['skip-external'] === true,
        dryRun: values['dry-run'] === true,
        values: sources,
        variables: process.env,
        signal: interruption.signal,
        keyWasMade: (made) => process.stderr.write(keyNotice(made, '(new, readable by you alone)')),
      });
      if (!made.ok) return made.interrupted ? cut() : over(made.error);
      if (json) process.stdout.write(`${JSON.stringify(made.report, null, 2)}\n`);
      else describeInit(made.report, keyFile, root, values['dry-run'] === true, out);
      return made.report.secrets.some(({ missing }) => missing.length > 0)
        ? exitCode.findings
        : exitCode.good;
    }
    case 'edit': {
      const [secret, ...more] = rest;
      if (secret === undefined || more.length > 0)
        return fail({
          message: 'edit takes one Secret',
          fix: `npm run secrets -- edit ${environment} SECRET`,
        });
      const edited = await edit({ ...tools, signal: undefined }, environment, secret);
      if (!edited.ok) return fail(edited.error);
      if (!edited.changed) {
        out('Nothing was changed.');
        return exitCode.good;
      }
      out(`${secret} is encrypted again.`);
      await describeRestarts(root, environment, [{ secret: edited.secret, keys: edited.secret.keys }], out);
      return exitCode.good;
    }
    default: {
      if (changesRecipients) {
        const done = await rotateRecipients(tools, {
          environment,
          add: texts(values.add),
          remove: texts(values.remove),
          dryRun: values['dry-run'] === true,
        });
        if (!done.ok) return over(done.error);
        if (json) process.stdout.write(`${JSON.stringify(done.report, null, 2)}\n`);
        const { recipients, added, removed, files } = done.report;
        out(`${files.length} files ${values['dry-run'] ? 'would get' : 'got'} a new data key, for`);
        for (const recipient of recipients) out(`  ${recipient}${added.includes(recipient) ? ' (new)' : ''}`);
        if (removed.length > 0) {
          out(`No longer for\n${removed.map((each) => `  ${each}`).join('\n')}`);
          out(
            `Whoever held such a key can still read what is in Git's history. Make new values, too:\n  npm run secrets -- rotate ${environment}`,
          );
        }
        return exitCode.good;
      }
      const done = await rotate(tools, {
        environment,
        targets: rest,
        dryRun: values['dry-run'] === true,
        values: sources,
      });
      if (!done.ok) return over(done.error);
      const { rotated, left } = done.report;
      if (json)
        process.stdout.write(
          `${JSON.stringify({ rotated: rotated.map(({ secret, keys }) => ({ secret: `${secret.namespace}/${secret.name}`, keys: keys.map(({ name }) => name) })), left }, null, 2)}\n`,
        );
      for (const { secret, keys } of rotated)
        out(
          `${secret.namespace}/${secret.name}: ${values['dry-run'] ? 'would get' : 'has'} new values of ${keys.map(({ name }) => name).join(', ')}`,
        );
      for (const { key, why } of left) out(`${key} stays: ${why}`);
      if (!json && rotated.length > 0) await describeRestarts(root, environment, rotated, out);
      return exitCode.good;
    }
  }
}

function cut(): typeof interrupted {
  process.stderr.write('interrupted; each file is as it was, or finished\n');
  return interrupted;
}

function report(result: ReturnType<typeof check>, environment: string, json: boolean): ExitCode {
  if (!result.ok) return fail(result.error);
  const { faults, secrets, keys } = result;
  if (json)
    process.stdout.write(
      `${JSON.stringify({ ok: faults.length === 0, environment, secrets, keys, faults }, null, 2)}\n`,
    );
  else {
    for (const fault of faults) process.stdout.write(line(fault));
    process.stdout.write(
      `${environment}: ${secrets} Secrets with ${keys} keys, ${faults.length === 0 ? 'all in order' : `${faults.length} to mend`}\n`,
    );
  }
  return faults.length === 0 ? exitCode.good : exitCode.findings;
}

const line = ({ file, line: number, message, fix }: Fault): string =>
  `error: ${file}:${number}: ${message}\n  fix: ${fix}\n`;

const keyNotice = (keyFile: string, what: string): string =>
  `Private key   ${keyFile} ${what}
              Whoever has it can read every Secret; without it nobody can. Keep a copy where neither this machine
              nor the cluster can take it with them: see SECURITY.md.
`;

function describeInit(
  { keyMade, recipients, secrets, decryptionSecret, environment }: InitReport,
  keyFile: string,
  root: string,
  dryRun: boolean,
  out: (line: string) => void,
): void {
  if (dryRun && keyMade !== undefined) out(keyNotice(keyMade, 'would be made').trimEnd());
  for (const [index, recipient] of recipients.entries())
    out(`${index === 0 ? 'Recipients ' : '           '}   ${recipient}`);
  const verbs = dryRun
    ? { created: 'would be made with', completed: 'would get', kept: 'stays as it is' }
    : { created: 'made with', completed: 'got', kept: 'kept as it is' };
  for (const { secret, action, made, missing } of secrets) {
    out(
      `${secret} ${action === 'kept' ? (missing.length > 0 ? 'waits' : verbs.kept) : `${verbs[action]} ${made.join(', ')}`}`,
    );
    if (missing.length > 0) out(`  needs from you: ${missing.join(', ')}`);
  }
  out('');
  if (decryptionSecret === undefined)
    out(
      `Next: a Flux Kustomization in flux/${environment} with spec.decryption must build overlays/${environment}/secrets.`,
    );
  else if (decryptionSecret !== '' && isFile(keyFile))
    out(
      `The cluster needs the private key once, in Flux's namespace:\n  kubectl -n flux-system create secret generic ${decryptionSecret} --from-file=age.agekey=${relative(root, keyFile).startsWith('..') ? keyFile : relative(root, keyFile)}`,
    );
  out(
    `Then commit .sops.yaml and overlays/${environment}/secrets; \`npm run secrets -- check ${environment}\` says whether all is there.`,
  );
}

async function describeRestarts(
  root: string,
  environment: string,
  changed: readonly { readonly secret: SecretDeclaration; readonly keys: readonly KeyDeclaration[] }[],
  out: (line: string) => void,
): Promise<void> {
  const progress = openProgress();
  const opened = await openRepository(root, { cache: true, deployed: false, step: progress.step });
  progress.done();
  out(
    '\nCommit and push. Flux applies the Secret; a process that runs keeps the old value until it is restarted:',
  );
  const steps = new Set<string>();
  for (const { secret, keys } of changed) {
    if (opened.ok)
      for (const step of restartSteps(readersOf(opened.repository, environment, secret))) steps.add(step);
    for (const { name, rotation } of keys)
      if (rotation && 'then' in rotation) steps.add(`${secret.name}/${name}: ${rotation.then}`);
  }
  for (const step of steps) out(`  ${step}`);
  if (!opened.ok) out(`  which, could not be told: ${opened.error.message}`);
  else if (steps.size === 0) out(`  nothing that ${environment} renders reads it`);
}

/** Asks on the terminal and shows nothing of what is typed; undefined on Ctrl-C. */
async function ask(question: string, interruption: AbortController): Promise<string | undefined> {
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  terminal.on('SIGINT', () => interruption.abort());
  try {
    return await terminal.question('', { signal: interruption.signal });
  } catch {
    return undefined;
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}

// Set rather than exit(): what is still to be written to a pipe must get out.
process.exitCode = await main(process.argv.slice(2));
