import type { Check } from '../check.ts';
import { capacity } from './capacity.ts';
import { cgroup } from './cgroup.ts';
import { clock } from './clock.ts';
import { cluster } from './cluster.ts';
import { disk } from './disk.ts';
import { fileSystem } from './file-system.ts';
import { firewall } from './firewall.ts';
import { kernel } from './kernel.ts';
import { kernelModules } from './kernel-modules.ts';
import { kernelSettings } from './kernel-settings.ts';
import { machineId } from './machine-id.ts';
import { operatingSystem } from './operating-system.ts';
import { ports } from './ports.ts';
import { swap } from './swap.ts';
import { tmpCleaning } from './tmp-cleaning.ts';
import { tmpInMemory } from './tmp-in-memory.ts';
import { tools } from './tools.ts';

/** In the order in which they are shown: the machine, its disks, what runs on it. */
export const allChecks: readonly Check[] = [
  operatingSystem,
  kernel,
  cgroup,
  kernelModules,
  kernelSettings,
  capacity,
  swap,
  fileSystem,
  disk,
  tmpInMemory,
  tmpCleaning,
  ports,
  firewall,
  clock,
  machineId,
  tools,
  cluster,
];
