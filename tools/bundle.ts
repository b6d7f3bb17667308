// Makes what an image holds: `dist/`, one bundle with its threads and assets, that runs without node_modules.
//   npm run build [-- FOLDER]        then: node FOLDER/dist/main.js serve
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build, type Plugin } from 'esbuild'

const root = join(import.meta.dirname, '..')
const into = resolve(process.argv[2] ?? join(root, 'build'))
const dist = join(into, 'dist')

// Each is started by itself: the process, and its threads beside it.
const ENTRIES = ['src/main.ts', 'src/platform/markdown/thread.ts', 'src/modules/inbound/parsing-thread.ts']
// Read at run time, from where the code says they are. Chunks stand in `dist`, whatever folder their modules come from.
const ASSETS = [
  ['src/platform/http/reference', 'dist/reference'],
  ['src/realtime-page', 'dist/realtime-page'],
  ['docs/examples.json', 'docs/examples.json'],
  ['package.json', 'package.json'],
  ['LICENSE', 'LICENSE'],
] as const
const REFERENCE = [
  'package.json',
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'swagger-ui-bundle.js.LICENSE.txt',
  'LICENSE',
  'NOTICE',
]

/** A thread is named by its source, which stands beside the bundle under the same name as JavaScript. */
const threads: Plugin = {
  name: 'threads',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(
        /new URL\('\.\/([\w-]+)\.ts', import\.meta\.url\)/g,
        "new URL('./$1.js', import.meta.url)",
      ),
      loader: 'ts',
    }))
  },
}

rmSync(dist, { recursive: true, force: true })
const { metafile } = await build({
  entryPoints: ENTRIES.map((entry) => join(root, entry)),
  entryNames: '[name]',
  outdir: dist,
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node26',
  // Stack traces and names of errors stay readable.
  keepNames: true,
  legalComments: 'none',
  // What CommonJS packages expect to be there.
  banner: {
    js: "import { createRequire as $createRequire } from 'node:module';\nconst require = $createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;",
  },
  // Optional, native, and not missed.
  external: ['bufferutil', 'utf-8-validate', 'pino-pretty'],
  plugins: [threads],
  metafile: true,
  logLevel: 'warning',
})

for (const [from, to] of ASSETS) cpSync(join(root, from), join(into, to), { recursive: true })
const reference = join(into, 'node_modules/swagger-ui-dist')
mkdirSync(reference, { recursive: true })
for (const name of REFERENCE) cpSync(join(root, 'node_modules/swagger-ui-dist', name), join(reference, name))
writeFileSync(join(dist, 'beckon'), "#!/usr/bin/env node\nimport './main.js'\n", { mode: 0o755 })
writeFileSync(join(into, 'THIRD-PARTY-LICENSES'), licencesOf([...packagesIn(Object.keys(metafile.inputs))]))
const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0)
console.error(`${Object.keys(metafile.outputs).length} files, ${(bytes / 1e6).toFixed(1)} MB of code in ${dist}`)

/** The folders of the packages whose code went in. */
function packagesIn(inputs: readonly string[]): Set<string> {
  return new Set(inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []))
}

/** What their licences ask to be passed on. */
function licencesOf(folders: readonly string[]): string {
  const names = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE', 'license', 'LICENSE-MIT', 'License']
  return [...folders]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Record<
        string,
        string
      >
      const file = names.map((one) => join(root, folder, one)).find((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
      return `${name} ${version} (${license})\n\n${file ? readFileSync(file, 'utf8').trim() : 'No text of its licence comes with it.'}\n`
    })
    .join(`\n${'-'.repeat(80)}\n\n`)
}
