import { canonicalLocale, isTimeZone } from '../../../platform/locale.ts'
import { invalidField } from '../../../platform/problems.ts'

/** The language of a person as it is kept. Throws 422 where it is none. */
export function localeOf(locale: string | null): string | null {
  if (locale === null) return null
  const tag = canonicalLocale(locale)
  if (tag === undefined) throw invalidField('/locale', 'invalid', 'This is no language tag of BCP 47, such as de or pt-BR.')
  return tag
}

/** The time zone of a person as it is kept. Throws 422 where there is none of that name. */
export function timeZoneOf(time_zone: string | null): string | null {
  if (time_zone !== null && !isTimeZone(time_zone))
    throw invalidField('/time_zone', 'invalid', 'There is no time zone of this name in the IANA database, such as Europe/Vienna.')
  return time_zone
}
