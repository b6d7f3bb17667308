/** How many categories may stand above one another. */
export const DEEPEST = 8

/** The categories by their ids. Whoever decides by it holds the lock that `lockSettings` takes. */
export type Tree = ReadonlyMap<string, { parent_id: string | null; is_archived: boolean }>

export type Fault = 'not_found' | 'cycle' | 'too_deep'

/** Why a category may not stand under `parent_id`; undefined when it may. `id` is null for a new one. */
export function faultOfParent(tree: Tree, { id, parent_id }: { id: string | null; parent_id: string | null }): Fault | undefined {
  if (parent_id === null) return undefined
  if (!tree.has(parent_id)) return 'not_found'
  const above = lineOf(tree, parent_id)
  if (id !== null && above.includes(id)) return 'cycle'
  return above.length + (id === null ? 1 : heightOf(tree, id)) > DEEPEST ? 'too_deep' : undefined
}

/** The category and all above it, itself first. */
export function lineOf(tree: Tree, id: string): string[] {
  const line: string[] = []
  for (let next: string | null = id; next !== null; next = tree.get(next)?.parent_id ?? null) {
    if (line.includes(next)) throw new Error(`category ${id} stands above itself`)
    line.push(next)
  }
  return line
}

/** How many levels hang on a category, its own counted. */
export function heightOf(tree: Tree, id: string): number {
  return 1 + Math.max(0, ...childrenOf(tree, id).map((child) => heightOf(tree, child)))
}

/** The categories right under one. */
export function childrenOf(tree: Tree, id: string): string[] {
  return [...tree].filter(([, { parent_id }]) => parent_id === id).map(([child]) => child)
}

/** Whether a category is out of use; the top, null, never is. */
export function isArchived(tree: Tree, id: string | null): boolean {
  return id !== null && tree.get(id)?.is_archived === true
}

/** Whether a category that is in use stands right under this one. */
export function hasChildInUse(tree: Tree, id: string): boolean {
  return childrenOf(tree, id).some((child) => !isArchived(tree, child))
}
