/** One of the figures that a scene found, beside what it must be. */
export interface Figure {
  what: string
  limit: string
  measured: string
  ok: boolean
}

/** A figure that may not be more than so much. */
export function atMost(what: string, measured: number, { limit, unit }: { limit: number; unit: string }): Figure {
  return { what, limit: `≤ ${rounded(limit)} ${unit}`, measured: `${rounded(measured)} ${unit}`, ok: measured <= limit }
}

/** Something that must be all of it. */
export function all(what: string, count: number, of: number): Figure {
  return { what, limit: `${of}`, measured: `${count}`, ok: count === of }
}

/** Something that is told and has no limit. */
export function told(what: string, measured: string | number): Figure {
  return { what, limit: '', measured: String(measured), ok: true }
}

function rounded(number: number): number {
  return Math.abs(number) < 10 ? Math.round(number * 10) / 10 : Math.round(number)
}

/** Tells how it goes, on a terminal. */
export function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${text}\n`)
}

/** What a scene is run with. */
export interface SceneOptions {
  engine: string
  redis: boolean
  minutes: number
}

export type Scene = (options: SceneOptions) => Promise<Figure[]>
