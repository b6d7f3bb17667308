import { type DestinationStream, type Logger, pino } from 'pino'
import { openLogOutput } from './log-output.ts'

export type { Logger } from 'pino'

// What no line may hold, wherever in an object it stands. Bodies of messages are never logged at all.
const SECRET = /^(password|current_password|token|access_token|refresh_token|secret|authorization|cookie|body)$/i

/** The log: JSON lines on a pipe, readable lines on a terminal. */
export function createLog({
  level,
  format,
  destination,
}: {
  level: string
  format: 'auto' | 'json' | 'pretty'
  destination?: DestinationStream
}): Logger {
  const pretty = format === 'pretty' || (format === 'auto' && destination === undefined && process.stdout.isTTY)
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { log: maskSecrets },
    serializers: { err: toLoggedError },
  }
  if (pretty) return pino(options, prettyStream(destination ?? process.stdout))
  if (level === 'silent') return pino(options, destination ?? { write: () => {} })
  return pino(options, destination ?? openLogOutput(1))
}

function maskSecrets(line: Record<string, unknown>): Record<string, unknown> {
  const masked: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(line))
    masked[key] = SECRET.test(key) ? '[secret]' : isPlain(value) ? maskSecrets(value) : value
  return masked
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

// Drivers hang all sorts of things on an error: mysql2 the whole statement with its values. Only what is named here is logged.
function toLoggedError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return String(error)
  const { code, errno, cause } = error as Error & { code?: unknown; errno?: unknown }
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof errno === 'number' ? { errno } : {}),
    ...(cause === undefined || depth === 3 ? {} : { cause: toLoggedError(cause, depth + 1) }),
  }
}

const COLOURS: Record<number, string> = { 10: '90', 20: '90', 30: '36', 40: '33', 50: '31', 60: '31;1' }

/** One readable line per line of the log. */
function prettyStream(destination: DestinationStream): DestinationStream {
  return {
    write: (line) => {
      const { level, time, msg, err, ...rest } = JSON.parse(line) as Record<string, unknown> & { level: number }
      const facts = Object.entries(rest)
        .filter(([, value]) => value !== null)
        .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
        .join(' ')
      const label = pino.levels.labels[level] ?? ''
      const stack = typeof err === 'object' && err !== null && 'stack' in err ? `\n${String(err.stack)}` : ''
      destination.write(
        `${String(time).slice(11, 23)} \x1b[${COLOURS[level] ?? '0'}m${label.padEnd(5)}\x1b[0m ${String(msg ?? '')} \x1b[90m${facts}\x1b[0m${stack}\n`,
      )
    },
  }
}
