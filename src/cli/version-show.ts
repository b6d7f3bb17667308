import type { Command } from 'commander'
import { version } from '../version.ts'
import { print, typedOf } from './command.ts'

/** `beckon version` */
export function versionShow(command: Command): void {
  command.description('Say which version this is, and of what.').action(() => {
    const { node } = process.versions
    print(typedOf(command).format, { version, node }, [`beckon ${version} (Node.js ${node})`])
  })
}
