// Reads JSON and Protobuf forms, writes each as the other, and checks claims: docs/spec alone, Node alone.
//
//     node interop.mjs < examples.json
//
// Input and output are described in ../test_languages.py.

import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

// docs/spec/encodings.md, Fields: name and type of each, in order. The version is field 1.
const LIST = [['digest_size', 'small'], ['digests', 'digests']];
const FIELDS = {
  scheme: [['kind', 'small'], ['family', 'name'], ['hash', 'name'], ['rules', 'bytes'], ['context', 'bytes']],
  head: [['scheme', 'scheme'], ['size', 'number'], ['root', 'bytes']],
  'inclusion-proof': LIST,
  'multi-proof': LIST,
  'consistency-proof': LIST,
  'proof-batch': [['digest_size', 'small'], ['counts', 'counts'], ['digests', 'digests']],
  shard: [['scheme', 'scheme'], ['begin', 'number'], ['end', 'number'], ['digests', 'digests']],
  'sparse-head': [['scheme', 'scheme'], ['size', 'number'], ['root', 'bytes']],
  'sparse-proof': [
    ['digest_size', 'small'], ['end', 'small'], ['depth', 'small'], ['bitmap', 'bytes'], ['digests', 'digests'], ['witness', 'bytes'],
  ],
  'sparse-multi-proof': [['digest_size', 'small'], ['shape', 'bytes'], ['witnesses', 'digests'], ['digests', 'digests']],
};

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const unhex = (text) => Buffer.from(text, 'hex');

function require(condition, message) {
  if (!condition) throw new Error(message);
}

// --- JSON ------------------------------------------------------------------------------------------------------

const WRITE = {
  small: (value) => value,
  number: (value) => String(value),
  name: (value) => value,
  bytes: hex,
  digests: (value) => value.map(hex),
  counts: (value) => value,
  scheme: (value) => plain('scheme', value),
};

function plain(kind, value) {
  const made = { format: `tallystick-${kind}`, version: 1 };
  for (const [name, type] of FIELDS[kind]) made[name] = WRITE[type](value[name]);
  return made;
}

const toJson = (kind, value) => JSON.stringify(plain(kind, value));

const READ = {
  small: (value) => value,
  number: (value) => BigInt(value),
  name: (value) => value,
  bytes: unhex,
  digests: (value) => value.map(unhex),
  counts: (value) => value,
  scheme: (value) => fromPlain('scheme', value),
};

function fromPlain(kind, read) {
  const value = {};
  for (const [name, type] of FIELDS[kind]) value[name] = READ[type](read[name]);
  return value;
}

function fromJson(kind, text) {
  const value = fromPlain(kind, JSON.parse(text));
  require(toJson(kind, value) === text, 'not the one JSON form');
  return value;
}

// --- Protobuf --------------------------------------------------------------------------------------------------

function varint(value) {
  const out = [];
  let rest = BigInt(value);
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128);
  out.push(Number(rest));
  return Buffer.from(out);
}

const scalar = (field, value) => (BigInt(value) ? Buffer.concat([varint(field << 3), varint(value)]) : Buffer.alloc(0));
const blob = (field, value) => Buffer.concat([varint((field << 3) | 2), varint(value.length), value]);
const unlessEmpty = (field, value) => (value.length ? blob(field, value) : Buffer.alloc(0));

const PUT = {
  small: scalar,
  number: scalar,
  name: (field, value) => unlessEmpty(field, Buffer.from(value)),
  bytes: unlessEmpty,
  digests: (field, value) => Buffer.concat(value.map((digest) => blob(field, digest))),
  counts: (field, value) => unlessEmpty(field, Buffer.concat(value.map(varint))),
  scheme: (field, value) => blob(field, toProtobuf('scheme', value)),
};

function toProtobuf(kind, value) {
  const parts = FIELDS[kind].map(([name, type], place) => PUT[type](place + 2, value[name]));
  return Buffer.concat([scalar(1, 1), ...parts]);
}

function readVarint(data, at) {
  let value = 0n;
  for (let place = 0; place < 10; place++) {
    const byte = data[at + place];
    require(byte !== undefined, 'a varint without an end');
    value |= BigInt(byte & 127) << BigInt(7 * place);
    if (byte < 128) return [value, at + place + 1];
  }
  throw new Error('a varint of more than ten bytes');
}

function* records(data) {
  for (let at = 0; at < data.length; ) {
    let tag, value;
    [tag, at] = readVarint(data, at);
    [value, at] = readVarint(data, at);
    if ((tag & 7n) === 2n) {
      require(value <= BigInt(data.length - at), 'more bytes declared than there are');
      const end = at + Number(value);
      [value, at] = [data.subarray(at, end), end];
    } else require((tag & 7n) === 0n, 'a wire type that no field has');
    yield [Number(tag >> 3n), value];
  }
}

function counts(packed) {
  const found = [];
  for (let at = 0; at < packed.length; ) {
    let value;
    [value, at] = readVarint(packed, at);
    found.push(Number(value));
  }
  return found;
}

const EMPTY = {
  small: () => 0,
  number: () => 0n,
  name: () => '',
  bytes: () => Buffer.alloc(0),
  digests: () => [],
  counts: () => [],
  scheme: () => null,
};
const TAKE = {
  small: (value) => Number(value),
  number: (value) => value,
  name: (value) => value.toString(),
  bytes: (value) => value,
  digests: (value, before) => [...before, value],
  counts,
  scheme: (value) => fromProtobuf('scheme', value),
};

function fromProtobuf(kind, data) {
  const value = {};
  for (const [name, type] of FIELDS[kind]) value[name] = EMPTY[type]();
  for (const [field, found] of records(data)) {
    if (field === 1) continue; // compared below, with everything else
    require(FIELDS[kind][field - 2], 'an unknown field');
    const [name, type] = FIELDS[kind][field - 2];
    value[name] = TAKE[type](found, value[name]);
  }
  require(toProtobuf(kind, value).equals(data), 'not the one Protobuf form');
  return value;
}

// --- Trees: docs/spec/schemes.md, with SHA-256 -------------------------------------------------------------------

const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();

function le(value, size) {
  const out = Buffer.alloc(size);
  for (let place = 0, rest = BigInt(value); place < size; place++, rest >>= 8n) out[place] = Number(rest & 255n);
  return out;
}

const lp = (bytes) => Buffer.concat([le(bytes.length, 4), bytes]);

function tag(label, ...parts) {
  const t = sha256(Buffer.from(`tallystick/v1/${label}`));
  return sha256(t, t, ...parts); // the label's digest repeated to fill one block of 64 bytes
}

function hashing(scheme) {
  require(scheme.hash === 'sha256', 'only SHA-256 here');
  if (scheme.family === 'rfc6962') {
    return {
      leaf: (data) => sha256(Buffer.from([0]), data),
      node: (left, right) => sha256(Buffer.from([1]), left, right),
      root: (size, top) => top,
    };
  }
  require(scheme.family === 'native', 'an unknown family');
  return {
    leaf: (data) => tag('leaf', data),
    node: (left, right) => tag('node', left, right),
    root: (size, top) => {
      const rules = [le(1, 1), le(1, 1), le(64, 2), le(32, 2), lp(scheme.rules), lp(scheme.context)];
      return tag('head', tag('params', ...rules, le(size, 8), le(0, 16)), top);
    },
  };
}

function rootOf(scheme, leaves) {
  const { leaf, node, root } = hashing(scheme);
  let row = leaves.map(leaf);
  while (row.length > 1) {
    const above = [];
    for (let i = 0; i < row.length; i += 2) above.push(i + 1 < row.length ? node(row[i], row[i + 1]) : row[i]);
    row = above;
  }
  return root(leaves.length, row[0]);
}

// docs/spec/proofs.md, Proof of many leaves, Verification.
function verifyMany(head, indices, leaves, proof) {
  const { leaf, node, root } = hashing(head.scheme);
  require(indices.length === leaves.length, 'LENGTH_MISMATCH');
  require(indices.length > 0, 'EMPTY_CLAIM');
  require(indices.every((index) => index < head.size), 'INDEX_OUT_OF_RANGE');
  require(new Set(indices).size === indices.length, 'DUPLICATE_INDEX');
  require(proof.digest_size === 32, 'DIGEST_SIZE');
  let known = new Map(indices.map((index, place) => [index, leaf(leaves[place])]));
  let next = 0;
  for (let n = head.size; n > 1n; n -= n / 2n) {
    const above = new Map();
    for (const i of [...known.keys()].sort((a, b) => (a < b ? -1 : 1))) {
      const sibling = i ^ 1n;
      if (sibling < n && !known.has(sibling)) known.set(sibling, proof.digests[next++] ?? Buffer.alloc(32));
      const [left, right] = [known.get(i & ~1n), known.get(i | 1n)];
      if (!above.has(i / 2n)) above.set(i / 2n, right ? node(left, right) : left);
    }
    known = above;
  }
  require(next === proof.digests.length, 'DIGEST_COUNT');
  require(root(head.size, known.get(0n)).equals(head.root), 'ROOT_MISMATCH');
}

function reason(claim) {
  const head = fromJson('head', claim.head);
  const indices = claim.indices.map(BigInt);
  try {
    verifyMany(head, indices, claim.leaves.map(unhex), fromJson('multi-proof', claim.proof));
  } catch (error) {
    return error.message;
  }
  return '';
}

// docs/spec/sparse.md, with SHA-256.
const ZERO = Buffer.alloc(32);
const START = {
  ics23_smt: [Buffer.from([0]), Buffer.from([1]), ZERO],
  jellyfish: [Buffer.from('JMT::LeafNode'), Buffer.from('JMT::IntrnalNode'), Buffer.from('SPARSE_MERKLE_PLACEHOLDER_HASH__')],
};

function sparseHashing(scheme) {
  require(scheme.hash === 'sha256', 'only SHA-256 here');
  const { family } = scheme;
  if (family === 'native_sparse') {
    return {
      digest: (value) => tag('leaf', value),
      leaf: (...parts) => tag('sparse-leaf', ...parts),
      node: (left, right) => tag('sparse-node', left, right),
      empty: () => ZERO,
      root: (size, top) => {
        const rules = [le(1, 1), le(3, 1), le(64, 2), le(32, 2), lp(scheme.rules), lp(scheme.context)];
        return tag('head', tag('params', ...rules, le(size, 8), le(0, 16)), top);
      },
    };
  }
  const root = (size, top) => top;
  if (family === 'sparse_256') {
    const zeros = [ZERO];
    while (zeros.length <= 256) zeros.push(sha256(zeros.at(-1), zeros.at(-1)));
    return { digest: sha256, leaf: (key, digest) => digest, node: sha256, empty: (depth) => zeros[256 - depth], root, full: true };
  }
  if (family === 'nervos_smt') return { digest: sha256, leaf: (key, digest) => digest, empty: () => ZERO, root, runs: true };
  require(family in START, 'an unknown family');
  const [leaf, node, empty] = START[family];
  return {
    digest: sha256,
    leaf: (...parts) => sha256(leaf, ...parts),
    node: (...parts) => sha256(node, ...parts),
    empty: () => empty,
    root,
  };
}

const bitOf = (bytes, place) => (bytes[place >> 3] >> (7 - (place & 7))) & 1;

function hasShape({ end, depth, bitmap }, size, { full, runs }) {
  if (size === 0n) return end === 1 && depth === 0;
  if (full) return end < 2 && depth === 256;
  if (size === 1n) return (end === 0 || end === 2) && depth === 0;
  if (end === (runs ? 1 : 3)) return false;
  if (end === 3 && depth === 0) return true;
  return depth >= 1 && (end === 0 || depth <= 255) && bitOf(bitmap, depth - 1) === 1;
}

const agreed = (one, other) => {
  let same = 0;
  while (same < 256 && bitOf(one, same) === bitOf(other, same)) same++;
  return same;
};

// Where a run of nodes with one child ends: a 1 stands behind the last turn. Without one, at 0.
function footOf(path) {
  let depth = 255;
  while (depth > 0 && bitOf(path, depth) === 0) depth--;
  return { depth, path };
}

// These bits of a path and no others, the last byte first.
function stretch(path, begin, end) {
  const out = Buffer.alloc(32);
  for (let place = begin; place < end; place++) out[31 - (place >> 3)] |= bitOf(path, place) << (7 - (place & 7));
  return out;
}

function runUp({ depth, path }, digest, top) {
  if (depth === top) return digest;
  const base = sha256(le(256 - depth, 1), stretch(path, 0, depth - 1), digest);
  return sha256(le(2, 1), base, stretch(path, top, depth), le((depth - top) % 256, 1));
}

// Upwards from the foot at which the path of a key ends.
function climbRuns(key, foot, known, { depth, bitmap, digests }) {
  require(!digests.some((digest) => digest.equals(ZERO)), 'EMPTY_SIBLING');
  let next = 0;
  for (let at = depth; at > 0; at--) {
    if (bitOf(bitmap, at - 1) === 0) continue;
    const pair = [runUp(foot, known, at), digests[next++]];
    if (bitOf(key, at - 1)) pair.reverse();
    known = sha256(le(1, 1), le(256 - at, 1), stretch(key, 0, at - 1), ...pair);
    foot = { depth: at - 1, path: key };
  }
  return runUp(foot, known, 0);
}

// Proof of one key. A value of null: the key is absent.
function verifyKey(head, key, value, proof) {
  const hashing = sparseHashing(head.scheme);
  const { digest, leaf, node, empty, root } = hashing;
  const { end, depth, bitmap, digests, witness } = proof;
  require(key.length === 32, 'KEY_SIZE');
  require(proof.digest_size === 32, 'DIGEST_SIZE');
  require((end === 0) === (value !== null), 'OTHER_END');
  require(hasShape(proof, head.size, hashing), 'SHAPE');
  let [known, foot] = [empty(depth), { depth: 256, path: key }];
  if (end === 0) known = leaf(key, digest(value));
  if (end >= 2) {
    const [path, shown] = [witness.subarray(0, 32), witness.subarray(32)];
    foot = end === 3 ? footOf(path) : { depth: 256, path };
    const same = agreed(path, key);
    require(same >= depth && same < foot.depth, 'WITNESS');
    known = end === 3 ? shown : leaf(path, shown);
  }
  if (hashing.runs && head.size > 0n) {
    require(climbRuns(key, foot, known, proof).equals(head.root), 'ROOT_MISMATCH');
    return;
  }
  const steps = [];
  let next = 0;
  for (let at = depth; at > 0; at--) {
    const sent = bitOf(bitmap, at - 1) === 1;
    steps.push([at, sent ? digests[next++] : empty(at)]);
    require(!sent || !steps.at(-1)[1].equals(empty(at)), 'EMPTY_SIBLING');
  }
  for (const [at, sibling] of steps) known = bitOf(key, at - 1) ? node(sibling, known) : node(known, sibling);
  require(root(head.size, known).equals(head.root), 'ROOT_MISMATCH');
}

function keyReason({ head, key, value, proof }) {
  const trusted = fromJson('sparse-head', head);
  try {
    verifyKey(trusted, unhex(key), value === null ? null : unhex(value), fromJson('sparse-proof', proof));
  } catch (error) {
    return error.message;
  }
  return '';
}

// docs/spec/liabilities.md, Note. A key in DER is its 32 bytes behind these.
const DER = unhex('302a300506032b6570032100');

function signedBy({ text, name, key }) {
  const id = createHash('sha256').update(name).update(unhex('0a01')).update(unhex(key)).digest().subarray(0, 4);
  const publicKey = createPublicKey({ key: Buffer.concat([DER, unhex(key)]), format: 'der', type: 'spki' });
  const [body, ...rest] = unhex(text).toString().split('\n\n');
  const own = rest
    .join('\n\n')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([dash, of]) => dash === '\u2014' && of === name)
    .map(([, , base64]) => Buffer.from(base64, 'base64'))
    .filter((raw) => raw.subarray(0, 4).equals(id));
  if (own.length === 0) return 'UNSIGNED';
  const right = own.every((raw) => verify(null, Buffer.from(`${body}\n`), publicKey, raw.subarray(4)));
  return right ? '' : 'WRONG_SIGNATURE';
}

const examples = JSON.parse(readFileSync(0, 'utf8'));
console.log(
  JSON.stringify({
    json: examples.objects.map(({ object, protobuf }) => toJson(object, fromProtobuf(object, unhex(protobuf)))),
    protobuf: examples.objects.map(({ object, json }) => hex(toProtobuf(object, fromJson(object, json)))),
    roots: examples.trees.map(({ scheme, leaves }) => hex(rootOf(fromJson('scheme', scheme), leaves.map(unhex)))),
    reasons: examples.claims.map(reason),
    signed: examples.notes.map(signedBy),
    keys: examples.keys.map(keyReason),
  }),
);
