import { type Json, parse } from './yaml.ts';

/** What every workflow here has to keep to. Each breach is told in words; none where all is well. */
export function breaches(text: string, scripts: ReadonlySet<string>): readonly string[] {
  const workflow = parse(text);
  const found: string[] = [];
  const triggers = Object.keys(map(workflow['on']));
  if (triggers.length === 0) found.push('it is never started');
  // It would run with the secrets of the repository on what anyone has sent.
  for (const trigger of ['pull_request_target', 'workflow_run'])
    if (triggers.includes(trigger)) found.push(`it is started by ${trigger}`);
  if (!isMap(workflow['permissions']) || Object.keys(workflow['permissions']).length > 0)
    found.push('permissions are not {} for all jobs');
  if (typeof map(workflow['concurrency'])['group'] !== 'string') found.push('concurrency has no group');
  if (
    triggers.includes('workflow_call') &&
    String(map(workflow['concurrency'])['group']).includes('github.workflow')
  )
    found.push('its concurrency group is that of its caller');

  const jobs = Object.entries(map(workflow['jobs']));
  if (jobs.length === 0) found.push('it has no job');
  for (const [name, value] of jobs) {
    const job = map(value);
    found.push(...breachesOfJob(job, triggers).map((words) => `${name}: ${words}`));
    for (const step of list(job['steps']).map(map))
      found.push(...breachesOfStep(step, scripts, text).map((words) => `${name}: ${words}`));
  }
  return found;
}

function breachesOfJob(job: JsonMap, triggers: readonly string[]): readonly string[] {
  const found: string[] = [];
  const permissions = isMap(job['permissions']) ? Object.entries(job['permissions']) : undefined;
  if (permissions === undefined) found.push('it does not say its permissions');
  const writes = (permissions ?? []).filter(([, right]) => right === 'write').map(([name]) => name);
  for (const [name, right] of permissions ?? [])
    if (!['read', 'write', 'none'].includes(String(right))) found.push(`${name} is ${String(right)}`);
  const steps = list(job['steps']).map(map);
  if (typeof job['uses'] === 'string') {
    if (!job['uses'].startsWith('./.github/workflows/')) found.push(`it calls ${job['uses']}`);
    if (job['secrets'] !== undefined) found.push('it hands on secrets');
    return found;
  }
  if (typeof job['timeout-minutes'] !== 'number') found.push('it has no timeout-minutes');
  if (!/^ubuntu-\d+\.\d+$/.test(String(job['runs-on']))) found.push(`it runs on ${String(job['runs-on'])}`);
  const runsOurCode = steps.some((step) => String(step['uses'] ?? '').startsWith('actions/checkout@'));
  if (writes.length > 0 && runsOurCode) found.push(`it may write ${writes.join(', ')} and checks out code`);
  if (triggers.includes('pull_request') && JSON.stringify(job).includes('secrets.'))
    found.push('it gives a secret to the code of a pull request');
  return found;
}

function breachesOfStep(step: JsonMap, scripts: ReadonlySet<string>, text: string): readonly string[] {
  const found: string[] = [];
  const uses = step['uses'];
  if (typeof uses === 'string') {
    const [action = '', commit = ''] = uses.split('@');
    if (!/^[0-9a-f]{40}$/.test(commit)) found.push(`${action} is not pinned by a full commit`);
    else if (!new RegExp(`${commit} # v\\d+\\.\\d+\\.\\d+`).test(text))
      found.push(`${action} does not say its version`);
    if (action === 'actions/checkout' && map(step['with'])['persist-credentials'] !== false)
      found.push('the checkout keeps its credentials');
  }
  const run = step['run'];
  if (typeof run !== 'string') return found;
  // What stands in ${{ }} becomes part of the script; by way of the environment it stays a value.
  if (run.includes('${{')) found.push(`\${{ }} within a script: ${run.split('\n')[0]}`);
  for (const [, name = ''] of run.matchAll(/\bnpm run (?:--silent )?([\w:-]+)/g))
    if (!scripts.has(name)) found.push(`package.json has no script ${name}`);
  if (/\bnpm (?:install|i)\b/.test(run)) found.push('npm install does not keep to the lock file');
  // With GitHub's default shell a pipe that fails in its middle passes.
  if (/\|(?!\|)/.test(run.replace(/'[^']*'|"[^"]*"/g, '')) && step['shell'] !== 'bash')
    found.push('a pipe without `shell: bash`');
  return found;
}

type JsonMap = { readonly [key: string]: Json };
const isMap = (value: Json | undefined): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const map = (value: Json | undefined): JsonMap => (isMap(value) ? value : {});
export const list = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);
