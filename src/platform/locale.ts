/** A language tag (BCP 47) in its canonical form, `de-at` as `de-AT`; undefined where it is none. */
export function canonicalLocale(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag)[0]
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/**
 * The best of what there is for a reader of these languages, the dearest first: each is looked up (RFC 4647 §3.4), `de-AT` also finds
 * `de`. Undefined where nothing fits.
 */
export function lookUpLocale<T extends { locale: string }>(there: readonly T[], wanted: readonly string[]): T | undefined {
  for (const language of wanted)
    for (let range = language.toLowerCase(); range !== ''; range = shortened(range)) {
      const found = there.find(({ locale }) => locale.toLowerCase() === range)
      if (found) return found
    }
  return undefined
}

/** A range without its last part; a single letter, which only begins something, goes with it. */
function shortened(range: string): string {
  const parts = range.split('-').slice(0, -1)
  return (parts.at(-1)?.length === 1 ? parts.slice(0, -1) : parts).join('-')
}

/** Whether a name is a time zone's (IANA); `+01:00` is none. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
