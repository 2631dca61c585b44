// What became of every built-in scenario at its shipped seeds: writes the table
// of docs/explanation/verdicts.md and keeps its last column, which people write.
//
//   node .ci/verdicts.mjs [FOLDER]
//
// A scenario whose FOLDER/NAME.json (kscope run NAME --json) is there is not run
// again; FOLDER/NAME.time may have its processor time in seconds. Those that
// take hours are left as they stand on the page.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const page = 'docs/explanation/verdicts.md';
const slow = ['million-opens', 'settle-days', 'worth-your-hours'];
const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'verdicts-'));

const text = readFileSync(page, 'utf8');
const begin = text.indexOf('| scenario |'), rest = text.slice(begin).search(/\n\n|\n$/);
const rows = new Map(text.slice(begin, begin + rest).split('\n').slice(2).map((line) => [line.match(/`([^`]+)`/)?.[1], line]));

const cell = (s) => s.replaceAll('|', '\\|').replaceAll('\n', ' ');
const play = (name) => {
  const file = join(folder, name + '.json');
  if (!existsSync(file)) {
    const before = process.resourceUsage(), out = join(folder, name);
    const run = spawnSync('bin/kscope', ['run', name, '--json', '--out', out], { encoding: 'utf8', maxBuffer: 1 << 28 });
    rmSync(out, { recursive: true, force: true });
    if (run.status > 1) throw new Error(name + ': ' + run.stderr);
    writeFileSync(file, run.stdout);
  }
  const time = join(folder, name + '.time');
  const seconds = existsSync(time) ? readFileSync(time, 'utf8').trim().split('\n').pop().split(' ').reduce((a, b) => a + +b, 0) : NaN;
  return [JSON.parse(readFileSync(file, 'utf8')), seconds];
};

const lines = [];
for (const line of execFileSync('bin/kscope', ['scenarios'], { encoding: 'utf8' }).split('\n')) {
  const name = line.match(/^([a-z0-9-]+) {2,}/)?.[1];
  if (!name) continue;
  const old = rows.get(name), why = old?.split(' | ').pop().replace(/ \|$/, '') ?? '';
  if (slow.includes(name)) {
    lines.push(old ?? `| \`${name}\` | not run here | | | |`);
    continue;
  }
  const [set, seconds] = play(name);
  const failed = set.verdicts.filter((v) => !v.passed), undecided = set.verdicts.filter((v) => v.passed && !v.decided).length;
  const verdict = (set.passed ? '✓ ' : '✗ ') + set.outcome + (undecided ? `; ${undecided} undecided` : '');
  const seen = (failed.length ? failed : set.verdicts.slice(0, 1)).slice(0, 2).map((v) => `\`${v.assertion}\`: ${v.observed}${v.decided ? '' : ' ~'}`).join('; ');
  lines.push(`| \`${name}\` | ${cell(set.claim || set.title)} | ${cell(verdict)} | ${cell(seen)} | ${Number.isNaN(seconds) ? '' : seconds.toFixed(0) + ' s'} | ${why} |`);
}
writeFileSync(page, text.slice(0, begin) + '| scenario | what it puts to the test | verdict | an observation, what refutes first | processor | believed? |\n|---|---|---|---|---|---|\n' + lines.join('\n') + text.slice(begin + rest));
