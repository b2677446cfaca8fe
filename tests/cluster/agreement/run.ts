import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openRepository } from '../../../scripts/render/open.ts';
import { startControlPlane } from '../harness/control-plane.ts';
import { generate } from './generate.ts';
import { measure } from './measure.ts';
import { printMeasurement, reportOf } from './report.ts';
import { openSchemas } from './schema.ts';
import { renderedSeeds, writtenSeeds } from './seeds.ts';
import { prepareServer } from './verdicts.ts';

const help = `Measures how far the gate's verdict is the API server's.

Usage: node --import tsx tests/cluster/agreement/run.ts [OPTIONS]

  --seed N       of the random choices (default ${1})
  --cases N      how many (default 5000)
  --only TEXT    only cases whose id holds this
  --output DIR   where the report goes as JSON (default: a new temporary directory)
`;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    cases: { type: 'string', default: '5000' },
    only: { type: 'string' },
    output: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help) console.log(help);
else {
  const seed = Number(values.seed);
  const opened = await openRepository(join(import.meta.dirname, '../../..'), {
    cache: true,
    deployed: false,
  });
  if (!opened.ok) throw new Error(opened.error.message);
  const seeds = [...writtenSeeds(), ...renderedSeeds(opened.repository)];
  const all = generate(openSchemas(), seeds, { seed, cases: Number(values.cases) });
  const cases = all.filter(({ id }) => values.only === undefined || id.includes(values.only));
  console.log(`seed ${seed}: ${cases.length} cases from ${seeds.length} objects`);
  const plane = await startControlPlane();
  try {
    await prepareServer(plane.client);
    const measurement = await measure(plane.client, cases);
    const { gate, kubeconform, serverMs, gateMs } = measurement;
    console.log(printMeasurement(measurement));
    const seconds = (ms: number): string => (ms / cases.length).toFixed(2);
    const third = kubeconform.ok ? `, kubeconform ${seconds(kubeconform.ms)}` : '';
    console.log(`\nseconds per 1,000 cases: server ${seconds(serverMs)}, gate ${seconds(gateMs)}${third}`);
    const output = resolve(values.output ?? mkdtempSync(join(tmpdir(), 'agreement-')));
    mkdirSync(output, { recursive: true });
    const report = {
      seed,
      ...reportOf(gate),
      ...(kubeconform.ok ? { kubeconform: reportOf(kubeconform.results) } : {}),
    };
    writeFileSync(join(output, 'agreement.json'), JSON.stringify(report, null, 1));
    console.log(`the whole report: ${join(output, 'agreement.json')}`);
  } finally {
    await plane.stop();
  }
}
