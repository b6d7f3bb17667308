/** How far a long command is. */
export interface ProgressBar {
  /** Says how much is done. Costs nothing where nobody looks. */
  at(done: number, what?: string): void
  /** Wipes the bar: to be called when the command is done with it, or has failed. */
  end(): void
}

/** Where a bar is drawn: stderr, or what stands for it in a test. */
export interface Screen {
  isTTY?: boolean | undefined
  columns?: number | undefined
  write(text: string): unknown
}

const SAME_LINE = '\r\x1b[2K'
const BAR = 24
// A terminal over a slow line need not see every step.
const REDRAWN_MS = 80

const silent: ProgressBar = { at: () => {}, end: () => {} }

/**
 * A bar on stderr that fills up to `total`; nothing at all where stderr is no terminal, so that logs and pipes stay clean. Stdout is for
 * results.
 */
export function showProgress(
  label: string,
  total: number,
  {
    screen = process.stderr,
    redrawnMs = REDRAWN_MS,
  }: {
    screen?: Screen
    /** How often it is drawn at most; 0 for steps of which each may take long. */
    redrawnMs?: number
  } = {},
): ProgressBar {
  if (screen.isTTY !== true || total <= 0) return silent
  let drawn = Number.NEGATIVE_INFINITY
  return {
    at(done, what = '') {
      const now = performance.now()
      if (done < total && now - drawn < redrawnMs) return
      drawn = now
      const filled = Math.round((Math.min(done, total) / total) * BAR)
      const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`
      const line = `${label} ${bar} ${done}/${total}${what === '' ? '' : ` ${what}`}`
      // A line that is broken could not be wiped.
      screen.write(`${SAME_LINE}${line.slice(0, Math.max(1, (screen.columns ?? 80) - 1))}`)
    },
    end: () => void screen.write(SAME_LINE),
  }
}
