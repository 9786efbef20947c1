// merkletreejs beside tallystick: SHA-256 of Node, the leaves are digests already.

import { createHash } from 'node:crypto';
import merkletreejs from 'merkletreejs';
import { Missing, must, serve } from './serve.mjs';

// The library warns on every proof of many leaves of a tree without `complete`; here all sizes are powers of two.
console.warn = () => {};

const sha256 = (data) => createHash('sha256').update(data).digest();

class Peer {
  constructor(work) {
    this.work = work;
  }

  clear() {
    this.tree = this.proofs = this.many = undefined;
  }

  build() {
    this.tree = new merkletreejs.MerkleTree(this.work.leaves, sha256);
  }

  root() {
    return this.tree.getRoot().toString('hex');
  }

  prove() {
    // Without the index it looks for the leaf from the beginning.
    this.proofs = this.work.indices.map((index) => this.tree.getProof(this.work.leaves[index], index));
  }

  verify() {
    const root = this.tree.getRoot();
    const { indices, leaves } = this.work;
    indices.forEach((index, place) => must(this.tree.verify(this.proofs[place], leaves[index], root)));
  }

  multi() {
    try {
      this.many = this.tree.getMultiProof(this.work.chosen);
    } catch (error) {
      // It hands all nodes to one call as arguments.
      if (error instanceof RangeError) throw new Missing('its proof of many leaves overflows the stack at this size');
      throw error;
    }
  }

  verifyMulti() {
    const { chosen, leaves } = this.work;
    const claimed = chosen.map((index) => leaves[index]);
    const root = this.tree.getRoot();
    if (this.many === undefined) throw new Missing('there is no proof to verify');
    if (!this.tree.verifyMultiProof(root, chosen, claimed, leaves.length, this.many)) {
      throw new Missing('its verifier refuses its own proof of these leaves, neighbours among them');
    }
  }

  append() {
    this.tree.addLeaves(this.work.more);
    this.tree.getRoot();
  }
}

await serve((work) => new Peer(work));
