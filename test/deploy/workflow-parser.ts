import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

/** What GitHub's own parser finds wrong with a workflow, expressions included: one sentence each. */
export async function faultsOfWorkflow(name: string, content: string): Promise<string[]> {
  const { parseWorkflow, NoOperationTraceWriter } = await loadParser()
  const { context } = parseWorkflow({ name, content }, new NoOperationTraceWriter())
  return context.errors.getErrors().map(({ message }) => message)
}

/** The package imports JSON in the way of bundlers, which Node does not read: for the import alone such files are modules. */
async function loadParser() {
  const hooks = registerHooks({
    load: (url, context, next) => {
      if (!url.includes('/@actions/') || !url.endsWith('.json')) return next(url, context)
      return { format: 'module', source: `export default ${readFileSync(new URL(url), 'utf8')}`, shortCircuit: true }
    },
  })
  try {
    return await import('@actions/workflow-parser')
  } finally {
    hooks.deregister()
  }
}
