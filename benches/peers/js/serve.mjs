// What the programs in JavaScript share: they read the input, wait for the name of an operation on each line of standard
// input, run it once, and answer with one line of JSON. `benches/peers/run.py` is at the other end.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

// What an operation that a library does not have throws: the reason, for the table.
export class Missing extends Error {}

const TIMED = ['build', 'prove', 'verify', 'multi', 'verifyMulti', 'append'];

function leaves(path) {
  const data = readFileSync(path);
  return Array.from({ length: data.length / 32 }, (_, row) => data.subarray(32 * row, 32 * row + 32));
}

function indices(path) {
  const data = readFileSync(path);
  return Array.from({ length: data.length / 8 }, (_, place) => Number(data.readBigUInt64LE(8 * place)));
}

function peak() {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'ascii'));
  return Number(found[1]) * 1024;
}

function timed(peer, operation) {
  if (operation === 'build') peer.clear();
  const begin = process.cpuUsage();
  const wall = process.hrtime.bigint();
  peer[operation]();
  const passed = Number(process.hrtime.bigint() - wall) / 1e9;
  const used = process.cpuUsage(begin);
  return { cpu: (used.user + used.system) / 1e6, wall: passed };
}

function answer(peer, operation) {
  if (operation === 'root') return { root: peer.root() };
  if (operation === 'peak') return { peak: peak() };
  const method = operation === 'verify_multi' ? 'verifyMulti' : operation;
  if (!TIMED.includes(method)) return { error: 'there is no such operation' };
  try {
    return timed(peer, method);
  } catch (error) {
    return error instanceof Missing ? { missing: error.message } : { error: String(error) };
  }
}

// `make` takes the input and returns an object with the timed methods, `clear` and `root`.
export async function serve(make) {
  const folder = process.argv[2];
  const say = (line) => process.stdout.write(JSON.stringify(line) + '\n');
  const peer = make({
    leaves: leaves(join(folder, 'leaves')),
    more: leaves(join(folder, 'more')),
    indices: indices(join(folder, 'indices')),
    chosen: indices(join(folder, 'chosen')),
  });
  say({ ready: true });
  for await (const line of createInterface({ input: process.stdin })) say(answer(peer, line.trim()));
}

export function must(condition) {
  if (!condition) throw new Error('a proof is wrong');
}
