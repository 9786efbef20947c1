package main

import (
	"bytes"
	"crypto/subtle"
)

// A foot is where a run of nodes with one child ends: so many levels below the root, where the path leads.
type foot struct {
	depth uint64
	path  []byte
}

// footOf reads a marked path: a 1 stands behind its last turn. Without one, its depth is 0.
func footOf(marked []byte) foot {
	for depth := uint64(levels - 1); depth > 0; depth-- {
		if bit(marked, depth) == 1 {
			return foot{depth, marked}
		}
	}
	return foot{0, marked}
}

// stretch is some bits of a path and no others, the last byte first.
func stretch(path []byte, begin, end uint64) []byte {
	out := make([]byte, keySize)
	for place := begin; place < end; place++ {
		out[keySize-1-place/8] |= bit(path, place) << (7 - place%8)
	}
	return out
}

// runUp is the digest of the subtree whose top is at this depth.
func runUp(at foot, digest []byte, top uint64) []byte {
	if at.depth == top {
		return digest
	}
	above := at.depth - 1
	base := hash([]byte{byte(levels - 1 - above)}, stretch(at.path, 0, above), digest)
	return hash([]byte{2}, base, stretch(at.path, top, at.depth), []byte{byte(at.depth - top)})
}

// climbRuns hashes upwards from the foot at which the path ends, and compares.
func (f sparseFamily) climbRuns(head object, key []byte, at foot, known []byte, proof object) string {
	bitmap, digests := proof["bitmap"].([]byte), proof["digests"].([][]byte)
	for _, digest := range digests {
		if bytes.Equal(digest, f.empty(0)) {
			return "EMPTY_SIBLING"
		}
	}
	for depth := proof["depth"].(uint64); depth > 0; depth-- {
		if bit(bitmap, depth-1) == 0 {
			continue
		}
		left, right := runUp(at, known, depth), digests[0]
		if bit(key, depth-1) == 1 {
			left, right = right, left
		}
		at, digests = foot{depth - 1, key}, digests[1:]
		known = hash([]byte{1, byte(levels - depth)}, stretch(key, 0, depth-1), left, right)
	}
	if subtle.ConstantTimeCompare(runUp(at, known, 0), head["root"].([]byte)) != 1 {
		return "ROOT_MISMATCH"
	}
	return ""
}
