// Asks the JavaScript libraries of package.json: builds their trees, makes their proofs, verifies proofs with them.
//
//     node oracle.mjs < questions.json
//
// Reads an array of questions, each with an `ask`, and writes an array of answers, or `{error}` where a library
// throws. Questions and answers are described at each function below; nodes are 0x and hex digits.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { ProofType, createNodeFromProof, createProof } from '@chainsafe/persistent-merkle-tree';
import { ByteVectorType, ListCompositeType, VectorCompositeType } from '@chainsafe/ssz';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { SimpleMerkleTree, StandardMerkleTree } from '@openzeppelin/merkle-tree';
import { IMT } from '@zk-kit/imt';
import { LeanIMT } from '@zk-kit/lean-imt';
import { MerkleTree } from 'merkletreejs';

const hex = (bytes) => `0x${Buffer.from(bytes).toString('hex')}`;
const unhex = (text) => Buffer.from(text.slice(2), 'hex');

const HASHES = {
  sha256: (data) => createHash('sha256').update(data).digest(),
  keccak256: (data) => Buffer.from(keccak_256(data)),
};
const sha256Hex = (children) => hex(HASHES.sha256(Buffer.concat(children.map(unhex))));
// SimpleMerkleTree with a hash of one's own: sorting is its task.
const customNode = (left, right) => sha256Hex([left, right].sort());

// --- OpenZeppelin ----------------------------------------------------------------------------------------------
// types: Solidity's, or absent for a simple tree. custom: a simple tree with SHA-256.

const nodeHash = ({ custom }) => (custom ? customNode : undefined);

function openzeppelinTree(question) {
  const { types, values } = question;
  return types
    ? StandardMerkleTree.of(values, types)
    : SimpleMerkleTree.of(values, { nodeHash: nodeHash(question), ...question.options });
}

const OPENZEPPELIN = {
  // types, values, many: lists of indices → dump, as text, with the proofs of all and of many.
  openzeppelin(question) {
    const tree = openzeppelinTree(question);
    return {
      root: tree.root,
      dump: JSON.stringify(tree.dump()),
      proofs: question.values.map((_, index) => tree.getProof(index)),
      many: (question.many ?? []).map((indices) => JSON.stringify(tree.getMultiProof(indices))),
    };
  },
  // dump: text → the root, and the proofs of all.
  openzeppelinLoad(question) {
    const read = JSON.parse(question.dump);
    const tree = question.types ? StandardMerkleTree.load(read) : SimpleMerkleTree.load(read, nodeHash(question));
    return { root: tree.root, proofs: read.values.map((_, index) => tree.getProof(index)) };
  },
  // root, types, value, proof → whether it verifies.
  openzeppelinVerify({ root, types, value, proof, ...rest }) {
    return types
      ? StandardMerkleTree.verify(root, types, value, proof)
      : SimpleMerkleTree.verify(root, value, proof, nodeHash(rest));
  },
  // root, types, many: text → whether it verifies.
  openzeppelinVerifyMany({ root, types, many, ...rest }) {
    const read = JSON.parse(many);
    return types
      ? StandardMerkleTree.verifyMultiProof(root, types, read)
      : SimpleMerkleTree.verifyMultiProof(root, read, nodeHash(rest));
  },
};

// --- merkletreejs ------------------------------------------------------------------------------------------------
// hash: a name. options: theirs, with fillDefaultHash in hex.

function options({ fillDefaultHash, ...rest } = {}) {
  return fillDefaultHash ? { ...rest, fillDefaultHash: unhex(fillDefaultHash) } : rest;
}

const MERKLETREEJS = {
  // leaves → root, and the proofs of all, as text.
  merkletreejs({ leaves, hash, ...rest }) {
    const tree = new MerkleTree(leaves.map(unhex), HASHES[hash], options(rest.options));
    return {
      root: tree.getHexRoot(),
      proofs: leaves.map((leaf, index) => MerkleTree.marshalProof(tree.getProof(unhex(leaf), index))),
      positional: leaves.map((leaf, index) => tree.getPositionalHexProof(unhex(leaf), index)),
      plain: leaves.map((leaf, index) => tree.getHexProof(unhex(leaf), index)),
    };
  },
  // root, leaf, proof: text → whether it verifies.
  merkletreejsVerify({ root, leaf, proof, hash, ...rest }) {
    const read = MerkleTree.unmarshalProof(proof);
    return MerkleTree.verify(read, unhex(leaf), unhex(root), HASHES[hash], options(rest.options));
  },
};

// --- zk-kit --------------------------------------------------------------------------------------------------------

const leanNode = (left, right) => sha256Hex([left, right]);

const ZK_KIT = {
  // leaves, grown: one leaf after the other → root, and the proofs of all.
  leanImt({ leaves, grown }) {
    const tree = new LeanIMT(leanNode, grown ? [] : leaves);
    if (grown) leaves.forEach((leaf) => tree.insert(leaf));
    return { root: tree.root, proofs: leaves.map((_, index) => tree.generateProof(index)) };
  },
  leanImtVerify: ({ proof }) => LeanIMT.verifyProof(proof, leanNode),
  // leaves, depth, arity, zero → root, and the proofs of all.
  imt({ leaves, depth, arity, zero }) {
    const tree = new IMT(sha256Hex, depth, zero, arity, leaves);
    return { root: tree.root, proofs: leaves.map((_, index) => tree.createProof(index)) };
  },
  imtVerify: ({ proof }) => IMT.verifyProof(proof, sha256Hex),
};

// --- SSZ -----------------------------------------------------------------------------------------------------------

const CHUNK = new ByteVectorType(32);

const SSZ = {
  // kind, parameter: length of the vector or limit of the list; leaves; indices and many: generalised indices in
  // decimal → root, the branches of `indices`, and the witnesses of each of `many`.
  ssz({ kind, parameter, leaves, indices, many }) {
    const type = new (kind === 'list' ? ListCompositeType : VectorCompositeType)(CHUNK, parameter);
    const view = type.toViewDU(leaves.map(unhex));
    view.commit();
    return {
      root: hex(view.hashTreeRoot()),
      branches: indices.map((index) => {
        const proof = createProof(view.node, { type: ProofType.single, gindex: BigInt(index) });
        return { leaf: hex(proof.leaf), witnesses: proof.witnesses.map(hex) };
      }),
      many: many.map((chosen) => {
        const proof = createProof(view.node, { type: ProofType.multi, gindices: chosen.map(BigInt) });
        return {
          indices: proof.gindices.map(String),
          leaves: proof.leaves.map(hex),
          witnesses: proof.witnesses.map(hex),
        };
      }),
    };
  },
  // index, leaf, witnesses → the root that they lead to.
  sszRoot({ index, leaf, witnesses }) {
    const proof = { type: ProofType.single, gindex: BigInt(index), leaf: unhex(leaf), witnesses: witnesses.map(unhex) };
    return hex(createNodeFromProof(proof).root);
  },
  // indices, leaves, witnesses → the same for many.
  sszRootMany({ indices, leaves, witnesses }) {
    const proof = { type: ProofType.multi, gindices: indices.map(BigInt) };
    return hex(createNodeFromProof({ ...proof, leaves: leaves.map(unhex), witnesses: witnesses.map(unhex) }).root);
  },
};

const ASK = { ...OPENZEPPELIN, ...MERKLETREEJS, ...ZK_KIT, ...SSZ };

function answer({ ask, ...question }) {
  try {
    return ASK[ask](question);
  } catch (error) {
    return { error: String(error.message) };
  }
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(answer)));
