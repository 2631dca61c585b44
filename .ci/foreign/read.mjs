// Reads a run folder by what others have written: every Parquet table, which
// must say what the CSV file beside it says, and the crate, whose files must
// have the sizes and hashes that it states. Usage: node read.mjs FOLDER.
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { ROCrate } from 'ro-crate'

const folder = process.argv[2]
const wrong = []
const sums = {} // by table and column
for (const name of readdirSync(`${folder}/data`)) {
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(`${folder}/data/${name}`), compressors })
  const sum = { rows: rows.length }
  for (const row of rows) {
    for (const [column, value] of Object.entries(row)) {
      if (typeof value === 'number' || typeof value === 'bigint') sum[column] = (sum[column] ?? 0) + Number(value)
    }
  }
  sums[name] = sum
}
for (const name of ['rows', 'timeline']) {
  const [head, ...lines] = readFileSync(`${folder}/${name}.csv`, 'utf8').trim().split('\n').map(line => line.split(','))
  const sum = sums[`${name}.parquet`]
  if (sum.rows !== lines.length) wrong.push(`${name}: ${sum.rows} rows in Parquet, ${lines.length} in CSV`)
  head.forEach((column, i) => {
    if (column in sum === false) return // words
    const want = lines.reduce((all, line) => all + Number(line[i]), 0)
    if (Math.abs(sum[column] - want) > 1e-6 * Math.abs(want)) wrong.push(`${name}.${column}: ${sum[column]} in Parquet, ${want} in CSV`)
  })
}

const text = JSON.parse(readFileSync(`${folder}/ro-crate-metadata.json`, 'utf8'))
const crate = new ROCrate(text, { array: true, link: true })
if (!crate.rootDataset?.name) wrong.push('the crate has no root with a name')
const described = new Set(text['@graph'].filter(e => e['@type'] === 'File').map(e => e['@id']))
for (const e of text['@graph'].filter(e => e['@type'] === 'File')) {
  const bytes = readFileSync(`${folder}/${e['@id']}`)
  const hash = createHash('sha256').update(bytes).digest('hex')
  if (e.sha256 !== hash || Number(e.contentSize) !== bytes.length) wrong.push(`the crate says other bytes of ${e['@id']}`)
}
for (const name of readdirSync(folder, { recursive: true })) {
  if (statSync(`${folder}/${name}`).isFile() && name !== 'ro-crate-metadata.json' && !described.has(name)) wrong.push(`the crate does not have ${name}`)
}
if (wrong.length) {
  console.error(wrong.join('\n'))
  process.exit(1)
}
console.log(`${Object.keys(sums).length} Parquet tables and a crate of ${described.size} files read`)
