/** What a program asks of the place that it was started in. */

interface Process {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  on?(signal: string, listener: () => void): unknown;
  off?(signal: string, listener: () => void): unknown;
  exit?(code: number): never;
}

function here(): Process {
  return (globalThis as { readonly process?: Process }).process ?? {};
}

/** What was typed behind the name of the program. */
export function programArgs(): readonly string[] {
  return here().argv?.slice(2) ?? [];
}

/** A variable of the environment; undefined if it is not there, or may not be seen. */
export function environment(name: string): string | undefined {
  try {
    return here().env?.[name];
  } catch {
    return undefined;
  }
}

/** Ends the program with this code. */
export function endProgram(code: number): void {
  here().exit?.(code);
}

/** Resolves when the program is asked to end (SIGINT, SIGTERM). */
export function endAsked(): Promise<void> {
  return new Promise((resolve) => {
    const { on, off } = here();
    const signals = ["SIGINT", "SIGTERM"];
    const listener = () => {
      for (const signal of signals) off?.call(here(), signal, listener);
      resolve();
    };
    for (const signal of signals) on?.call(here(), signal, listener);
  });
}
