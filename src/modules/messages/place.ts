/**
 * How far apart the messages of a conversation stand: so many can be put between two neighbours when another ticket's messages
 * come in.
 */
export const PLACES_BETWEEN = 2 ** 20

/** The place of a message by the number that its ticket gave out for it under its row lock. */
export function placeOf(number: number): number {
  return number * PLACES_BETWEEN
}
