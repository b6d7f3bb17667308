const FIRST_MS = 20_000
const LONGEST_MS = 86_400_000
const WHOLE_MS = 5 * 86_400_000

/**
 * How long to wait before the next try of a mail, milliseconds: 20 s, doubled up to a day, with a twentieth of jitter either way.
 * Undefined once the tries have taken five days: it is given up (RFC 5321 §4.5.4.1). `random` is from 0 to 1.
 */
export function backoffMs(failedTries: number, random: number = Math.random()): number | undefined {
  let spent = 0
  for (let attempt = 1; attempt < failedTries; attempt++) spent += plainMs(attempt)
  const left = WHOLE_MS - spent
  return left <= 0 ? undefined : Math.round(Math.min(plainMs(failedTries), left) * (0.95 + random * 0.1))
}

function plainMs(attempt: number): number {
  return Math.min(FIRST_MS * 2 ** (attempt - 1), LONGEST_MS)
}
