import { type Check, ok, problem } from '../check.ts';

const architectures: Readonly<Record<string, string>> = { x64: 'x86-64', arm64: 'ARM64' };

export const operatingSystem: Check = {
  id: 'operating-system',
  title: 'Operating system',
  why: 'k0s runs its nodes on Linux alone, and most images of the platform are made for x86-64 only.',
  run({ platform, architecture }) {
    if (platform !== 'linux')
      return [
        problem(
          `this is ${platform}, which cannot be a node`,
          'Run k0s in a Linux VM, and this command in it.',
        ),
      ];
    const name = architectures[architecture];
    if (architecture === 'x64') return [ok(`Linux on ${name}`)];
    return [
      problem(
        `Linux on ${name ?? architecture}: the images are made for x86-64, few of them for anything else`,
        'Take an x86-64 machine or VM.',
      ),
    ];
  },
};
