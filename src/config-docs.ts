import { settings } from './config.ts'
import { flagOf, type Setting } from './platform/settings.ts'

/** `docs/configuration.md`, made from the list of settings. */
export function renderConfigurationDocs(): string {
  return `# Configuration

Beckon runs without any setting: SQLite in \`./beckon-data/\`, listening on 127.0.0.1:3000, mail kept in the development outbox.

A value is looked for in this order; the first that is found counts:

1. the flag (\`beckon serve --port 8080\`); secrets have none, since other users of the machine can read command lines;
2. the variable (\`BECKON_PORT=8080\`), or the file that the same name with \`_FILE\` points to
   (\`BECKON_SECRET_FILE=/run/secrets/beckon\`; a newline at its end does not count). Both at once is a mistake;
3. the name that hosting platforms use (\`PORT\`, \`DATABASE_URL\`, \`RENDER_EXTERNAL_URL\`);
4. the default.

An empty variable counts as not set. A list has commas between its items. All mistakes are told at once, before anything starts,
and a \`BECKON_…\` variable that is not in this list is one of them (those that Kubernetes makes for a service called \`beckon\` aside).
\`beckon config show\` tells what is in force and where it comes from.

| setting | values | default | what it is for |
| --- | --- | --- | --- |
${Object.values<Setting<unknown>>(settings).map(renderRow).join('\n')}

MySQL and MariaDB need \`BECKON_SECRET\`: make one with \`openssl rand -base64 32\`, and give every node the same.
`
}

function renderRow(setting: Setting<unknown>): string {
  const flag = flagOf(setting)
  const names = [setting.name, setting.platformName, flag].flatMap((name) => (name === undefined ? [] : [`\`${name}\``]))
  const cells = [
    names.join('<br>'),
    setting.isSecret ? `${setting.kind} (secret)` : setting.kind,
    fallbackOf(setting),
    setting.about,
  ]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function fallbackOf({ fallback, fallbackText }: Setting<unknown>): string {
  if (fallbackText !== undefined) return fallbackText
  if (fallback === undefined || (Array.isArray(fallback) && fallback.length === 0)) return 'none'
  return `\`${String(fallback)}\``
}
