// A disk of a few megabytes that can be filled up, and given room again. Needs root, to mount it.
import { execFileSync } from 'node:child_process'
import { appendFileSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'

export interface SmallDisk {
  folder: string
  freeBytes(): number
  /** Takes all the room that is left, or all but so much. */
  fill(leave?: number): void
  /** Gives back what `fill` took. */
  empty(): void
  unmount(): void
}

/** Mounts it over an empty folder; undefined where that is not allowed. */
export function mountSmallDisk(folder: string, mib: number): SmallDisk | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m,mode=0755`, 'tmpfs', folder], { stdio: 'pipe' })
  } catch {
    return undefined
  }
  let isMounted = true
  const unmount = (): void => {
    // Lazily: whoever still has a file open there may end later.
    if (isMounted) execFileSync('umount', ['-l', folder])
    isMounted = false
  }
  process.prependListener('exit', unmount)
  const filler = join(folder, 'filler')
  const freeBytes = (): number => {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  }
  return {
    ...{ folder, freeBytes, unmount },
    fill: (leave = 0) => {
      for (let step = 1_048_576; step >= 4096; ) {
        if (freeBytes() - leave < step) step /= 2
        else appendFileSync(filler, Buffer.alloc(step))
      }
    },
    empty: () => rmSync(filler, { force: true }),
  }
}
