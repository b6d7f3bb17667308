// The process: what was typed goes in, an exit code comes out. Nothing else is imported before the runtime is known to fit.
const [major = 0] = process.versions.node.split('.').map(Number)
if (major < 26) {
  process.stderr.write(
    `Beckon needs Node.js 26, and this is ${process.versions.node}: run \`npm ci\`, which brings it along, and then \`npm start\` or \`npx beckon\`.\n`,
  )
  process.exit(1)
}

const { run } = await import('./cli/program.ts')
process.exit(await run(process.argv.slice(2)))
