/**
 * Writes things of one kind together: what comes while others are being written waits, and goes along with all that waits then, because
 * each commit waits for the disk. `write` answers one result for each, in their order. When several fail together each is written
 * alone: one that cannot be written fails alone.
 */
export function writeTogether<T, R>({
  most,
  write,
}: {
  most: number
  write: (batch: readonly T[]) => Promise<readonly R[]>
}): (one: T) => Promise<R> {
  const waiting: { one: T; done: PromiseWithResolvers<R> }[] = []
  let isWriting = false

  const settle = async (batch: typeof waiting): Promise<void> => {
    try {
      const results = await write(batch.map(({ one }) => one))
      // There is one for each: what `write` promises.
      for (const [i, { done }] of batch.entries()) done.resolve(results[i] as R)
    } catch (error) {
      if (batch.length === 1) batch[0]?.done.reject(error)
      else for (const single of batch) await settle([single])
    }
  }
  const writeAll = async (): Promise<void> => {
    isWriting = true
    while (waiting.length > 0) await settle(waiting.splice(0, most))
    isWriting = false
  }
  return (one) => {
    const done = Promise.withResolvers<R>()
    waiting.push({ one, done })
    if (!isWriting) void writeAll()
    return done.promise
  }
}
