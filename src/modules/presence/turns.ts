/** What a holder is about to say. */
interface Turn {
  waiting: number
  last: Promise<unknown>
  isGone: boolean
}

/** Has what each holder says done in the order in which he said it, however long the database takes over each. */
export interface Turns {
  /** `isGone` tells whether the holder has left since. */
  inTurn<T>(holder: string, work: (isGone: () => boolean) => Promise<T>): Promise<T>
  leave(holder: string): void
}

export function createTurns(): Turns {
  const turns = new Map<string, Turn>()
  return {
    async inTurn(holder, work) {
      const turn = turns.get(holder) ?? { waiting: 0, last: Promise.resolve(), isGone: false }
      turns.set(holder, turn)
      turn.waiting++
      const own = turn.last.then(() => work(() => turn.isGone))
      // Whoever comes next does not care how it went.
      turn.last = own.catch(() => {})
      try {
        return await own
      } finally {
        turn.waiting--
        if (turn.waiting === 0 && turns.get(holder) === turn) turns.delete(holder)
      }
    },
    leave(holder) {
      const turn = turns.get(holder)
      if (!turn) return
      turn.isGone = true
      turns.delete(holder)
    },
  }
}
