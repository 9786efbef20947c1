// Writes poseidon2.json: what two JavaScript libraries make of Poseidon2 and of trees with it. Nothing here is tallystick's.
//
//     npm install --ignore-scripts && node write.mjs
//
// Numbers are hex digits, 64 of them. Random ones are out of SHA-256, so that the file is the same each time.

import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';

import { IMT } from '@zk-kit/imt';
import { LeanIMT } from '@zk-kit/lean-imt';
import { poseidon2Hash } from '@zkpassport/poseidon2';

const MODULUS = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

const hex = (number) => number.toString(16).padStart(64, '0');
const random = (seed) => BigInt(`0x${createHash('sha256').update(seed).digest('hex')}`) % MODULUS;
const randoms = (seed, count) => Array.from({ length: count }, (_, i) => random(`${seed} ${i}`));

const messages = [
  ...[1, 2, 3, 4, 5, 6, 7].map((count) => Array(count).fill(0n)),
  ...[1, 2, 3, 4].map((count) => Array(count).fill(MODULUS - 1n)),
  [1n],
  [1n, 2n],
  [1n, 2n, 3n],
  [1n, 2n, 3n, 4n],
  ...Array.from({ length: 20 }, (_, i) => randoms(`message ${i}`, i + 1)),
];

const leanRoot = (leaves) => new LeanIMT((left, right) => poseidon2Hash([left, right]), leaves).root;
const fixedRoot = (depth, arity, leaves) => new IMT(poseidon2Hash, depth, 0n, arity, leaves).root;

const sizes = [1, 2, 3, 4, 5, 7, 8, 13];
const shapes = [[4, 2], [10, 2], [3, 3], [3, 5]];

const digests = messages.map((message) => ({ message: message.map(hex), digest: hex(poseidon2Hash(message)) }));
const lean = sizes.map((size) => {
  const leaves = randoms('lean', size);
  return { leaves: leaves.map(hex), root: hex(leanRoot(leaves)) };
});
const fixed = shapes.flatMap(([depth, arity]) =>
  sizes.map((size) => {
    const leaves = randoms('fixed', size);
    return { depth, arity, leaves: leaves.map(hex), root: hex(fixedRoot(depth, arity, leaves)) };
  }),
);

writeFileSync(new URL('poseidon2.json', import.meta.url), `${JSON.stringify({ digests, lean, fixed }, null, 1)}\n`);
