// Times of day are told on the clock of the person's time zone, as `HH:MM`: that clock leaps in spring and goes back in autumn.

/** From when until when somebody wants to be left alone, each day; over midnight where it ends before it begins. */
export interface QuietHours {
  from: string
  until: string
}

const DAYS_LOOKED_AHEAD = 3

/** Whether a moment, epoch milliseconds, lies in the quiet hours. Those that end when they begin are none. */
export function isQuiet(at: number, { from, until }: QuietHours, time_zone: string): boolean {
  const time = wallTime(at, time_zone)
  return from <= until ? from <= time && time < until : from <= time || time < until
}

/** The first moment from `at` on that does not lie in the quiet hours. */
export function endOfQuiet(at: number, quiet: QuietHours, time_zone: string): number {
  if (!isQuiet(at, quiet, time_zone)) return at
  const now = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(time_zone)
  const leap = now.getTimeZoneTransition('next')?.epochMilliseconds
  // A time of day may come twice, or not at all; and a leap of the clock may end the quiet hours, too.
  const ends = Array.from({ length: DAYS_LOOKED_AHEAD + 1 }, (_, days) => {
    const end = now.toPlainDate().add({ days }).toPlainDateTime(Temporal.PlainTime.from(quiet.until))
    return (['earlier', 'later'] as const).map((disambiguation) => {
      return end.toZonedDateTime(time_zone, { disambiguation }).epochMilliseconds
    })
  }).flat()
  const found = [...ends, ...(leap === undefined ? [] : [leap])].filter((ms) => ms > at && !isQuiet(ms, quiet, time_zone))
  return found.length === 0 ? at : Math.min(...found)
}

/** The next moment after `at` for a digest: at a time of day, or with `hourly` at the next full hour. */
export function nextDigest(at: number, digest_at: string, time_zone: string): number {
  const now = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(time_zone)
  if (digest_at === 'hourly')
    return now.round({ smallestUnit: 'hour', roundingMode: 'floor' }).add({ hours: 1 }).epochMilliseconds
  const time = Temporal.PlainTime.from(digest_at)
  for (let days = 0; ; days++) {
    const next = now.toPlainDate().add({ days }).toZonedDateTime({ timeZone: time_zone, plainTime: time }).epochMilliseconds
    if (next > at) return next
  }
}

function wallTime(at: number, time_zone: string): string {
  const { hour, minute } = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(time_zone)
  return `${`${hour}`.padStart(2, '0')}:${`${minute}`.padStart(2, '0')}`
}
