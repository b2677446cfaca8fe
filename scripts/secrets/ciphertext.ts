/** One value as SOPS writes it: `ENC[AES256_GCM,data:…,iv:…,tag:…,type:str]`. */
export interface Ciphertext {
  readonly type: string;
  /** Data, nonce and tag: no two values that were encrypted have the same. */
  readonly body: string;
}

const form =
  /^ENC\[AES256_GCM,data:([A-Za-z0-9+/]+=*),iv:([A-Za-z0-9+/]{43}=),tag:([A-Za-z0-9+/]{22}==),type:(str|int|float|bool|bytes|time|comment)\]$/;

/**
 * Reads a value that SOPS has encrypted; undefined for any other, and for one that is cut off or mistyped. Mirrors
 * `parse` of getsops/sops aes/cipher.go, with the lengths that its AES-256-GCM gives.
 */
export function readCiphertext(text: string): Ciphertext | undefined {
  const match = form.exec(text);
  return match ? { type: match[4]!, body: `${match[1]},${match[2]},${match[3]}` } : undefined;
}

/** Whether a text was meant to be a value that SOPS has encrypted, whole or not. */
export const looksEncrypted = (text: string): boolean => text.startsWith('ENC[');
