import { openDesk } from '../test/desk.ts'

const intro = `# Metrics

Made from the code by \`npm run docs:make\`. \`GET /metrics\` answers in the text format of Prometheus: to this machine, and to whoever
sends \`Authorization: Bearer\` with \`BECKON_METRICS_TOKEN\`; to everybody else there is no such path. What is read from the database
is read at most once in ten seconds, and the same on every node: take \`max\` of it, not \`sum\`. A dashboard, alert rules and a runbook for
each of them are in [deploy/observability](../deploy/observability/runbooks.md).

| metric | kind | labels | what it is |
|---|---|---|---|
`

/** `docs/metrics.md`, from what a desk says of itself. */
export async function renderMetricsDocs(): Promise<string> {
  const endings: (() => unknown)[] = []
  const test = { after: (ending: () => unknown) => void endings.push(ending) }
  const desk = await openDesk(test as unknown as Parameters<typeof openDesk>[0]) // it asks a test for nothing else
  const { body } = await desk.app.server.inject({ url: '/metrics' })
  for (const end of endings.reverse()) await end()
  const rows = [...body.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)/gm)].flatMap(([, name = '', help = '', kind = '']) =>
    name.startsWith('beckon_') ? [`| \`${name}\` | ${kind} | ${labelsOf(name)} | ${help} |`] : [],
  )
  return `${intro}${rows.sort().join('\n')}

Beside them those of the process that every Node.js server has: \`process_…\` (memory, processor, files) and \`nodejs_…\` (lag of the
loop, garbage collection, heap).
`
}

/** They show only once there is something to count, so they stand here; test/metrics.test.ts holds them against a story. */
const LABELS: Record<string, string> = {
  beckon_http_requests_total: '`method`, `route`, `status`',
  beckon_http_request_seconds: '`method`, `route`',
  beckon_problems_total: '`code`',
  beckon_sign_ins_total: '`result`: `ok`, `refused`',
  beckon_tries_total: '`what`: `delivery`, `timer`; `result`: `ok`, `failed`, `dead`',
  beckon_deliveries: '`state`: `due`, `leased`, `dead`',
  beckon_outbound_mails: '`state`: `queued`, `sending`, `deferred`, `failed`',
  beckon_inbound_mails: '`state`: `received`, `parsed`, `routed`, `quarantined`, `failed`',
  beckon_tickets: '`queue`: its key, `status_category`',
}

function labelsOf(name: string): string {
  return LABELS[name] ?? ''
}
