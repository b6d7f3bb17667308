import { statfsSync } from 'node:fs'

// Less than that is told before nothing can be written any more.
const LOW_BYTES = 1_073_741_824

/** How much of the disk that a folder lies on is free, in bytes; undefined where that cannot be said. */
export function freeBytes(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return undefined
  }
}

/** Whether less than 1 GiB is free. */
export function isLow(bytes: number | undefined): boolean {
  return bytes !== undefined && bytes < LOW_BYTES
}
