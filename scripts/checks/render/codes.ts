/** Which rule of this stage reports which failure; what no rule claims is `render/build-failed`. */
export const codes = {
  'missing-path': ['missing-path'],
  'foreign-source': ['foreign-source'],
  unsupported: ['unsupported'],
  'component-path': ['component-path'],
  'kustomization-file': ['kustomization-file'],
} as const;

export const isClaimed = (code: string): boolean =>
  Object.values(codes).some((claimed) => (claimed as readonly string[]).includes(code));
