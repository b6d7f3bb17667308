#!/usr/bin/env node
// Plain JavaScript that an old Node can read, so that it can say what is missing.
const major = Number(process.versions.node.split('.')[0])
if (major < 26) {
  process.stderr.write(
    `Beckon needs Node.js 26, and this is ${process.versions.node}: run \`npm ci\`, which brings it along, and then \`npm start\` or \`npx beckon\`.\n`,
  )
  process.exit(1)
}
await import('../src/main.ts')
