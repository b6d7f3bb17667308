import type { Variant } from './macro.ts'

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
 * The variant for a reader of these languages, the dearest first: each is looked up (RFC 4647 §3.4), `de-AT` also finds `de`.
 * Without any it is the first variant.
 */
export function chooseVariant(variants: readonly Variant[], wanted: readonly string[]): Variant | undefined {
  for (const language of wanted)
    for (let range = language.toLowerCase(); range !== ''; range = shortened(range)) {
      const found = variants.find(({ locale }) => locale.toLowerCase() === range)
      if (found) return found
    }
  return variants[0]
}

/** A range without its last part; a single letter, which only begins something, goes with it. */
function shortened(range: string): string {
  const parts = range.split('-').slice(0, -1)
  return (parts.at(-1)?.length === 1 ? parts.slice(0, -1) : parts).join('-')
}
