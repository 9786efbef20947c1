// @openzeppelin/merkle-tree beside tallystick: its standard tree, of Keccak-256, with leaves and pairs sorted.

import { StandardMerkleTree } from '@openzeppelin/merkle-tree';
import { Missing, must, serve } from './serve.mjs';

const TYPES = ['bytes32'];

class Peer {
  constructor(work) {
    this.work = work;
    this.values = work.leaves.map((leaf) => ['0x' + leaf.toString('hex')]);
  }

  clear() {
    this.tree = this.proofs = this.many = undefined;
  }

  build() {
    this.tree = StandardMerkleTree.of(this.values, TYPES);
  }

  root() {
    return this.tree.root.slice(2);
  }

  prove() {
    this.proofs = this.work.indices.map((index) => this.tree.getProof(index));
  }

  verify() {
    const { root } = this.tree;
    this.work.indices.forEach((index, place) =>
      must(StandardMerkleTree.verify(root, TYPES, this.values[index], this.proofs[place])),
    );
  }

  multi() {
    this.many = this.tree.getMultiProof(this.work.chosen);
  }

  verifyMulti() {
    must(StandardMerkleTree.verifyMultiProof(this.tree.root, TYPES, this.many));
  }

  append() {
    throw new Missing('its trees do not grow');
  }
}

await serve((work) => new Peer(work));
