/** How a command ends. Documented in docs/cli.md and under every `--help`. */
export const exitCodes = {
  done: 0,
  failed: 1,
  misused: 2,
  notReady: 3,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** What the codes mean, for people. */
export const exitCodeWords: Record<ExitCode, string> = {
  0: 'done',
  1: 'it failed; what to do is said on stderr',
  2: 'the command line or a setting is wrong; nothing was done',
  3: 'health: the server cannot be reached, or it is not ready',
}

/** A command that ends early, in a sentence that says what to do. */
export class CommandFailed extends Error {
  readonly exitCode: ExitCode
  constructor(message: string, { exitCode = exitCodes.failed, cause }: { exitCode?: ExitCode; cause?: unknown } = {}) {
    super(message, { cause })
    this.name = 'CommandFailed'
    this.exitCode = exitCode
  }
}
