/** One line on standard error that says what is being done; only where a person watches. */
export interface Progress {
  step(message: string): void;
  done(): void;
}

export function openProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  const visible = stream.isTTY === true && process.env.CI === undefined && process.env.TERM !== 'dumb';
  let shown = false;
  const clear = (): void => {
    if (shown) stream.write('\r\u001B[2K');
    shown = false;
  };
  return {
    step(message) {
      if (!visible) return;
      clear();
      stream.write(message.slice(0, Math.max((stream.columns ?? 80) - 1, 10)));
      shown = true;
    },
    done: clear,
  };
}
