// The compression function of SM3 over any number of lanes. Included by one file for each set of instructions, and
// all in an unnamed namespace: what one file compiles for its instructions must not be linked into another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace {

// A word of each lane. One lane is a plain integer.
template <std::size_t Lanes>
struct Word {
    typedef std::uint32_t Type __attribute__((vector_size(4 * Lanes)));
};
template <>
struct Word<1> {
    typedef std::uint32_t Type;
};

template <typename T>
inline __attribute__((always_inline)) T rotated(T word, int by) {
    return (word << by) | (word >> (32 - by));
}

template <std::size_t Lanes>
inline __attribute__((always_inline)) void compress(std::uint32_t* state, const std::uint8_t* const* blocks) {
    using T = typename Word<Lanes>::Type;
    alignas(64) std::uint32_t loaded[16][Lanes];
    for (std::size_t lane = 0; lane < Lanes; ++lane) {
        for (std::size_t word = 0; word < 16; ++word) {
            std::uint32_t read;
            std::memcpy(&read, blocks[lane] + 4 * word, 4);
            loaded[word][lane] = __builtin_bswap32(read);
        }
    }
    T words[68];
    for (std::size_t word = 0; word < 16; ++word) std::memcpy(&words[word], loaded[word], sizeof(T));
    for (std::size_t word = 16; word < 68; ++word) {
        const T sum = words[word - 16] ^ words[word - 9] ^ rotated(words[word - 3], 15);
        words[word] = (sum ^ rotated(sum, 15) ^ rotated(sum, 23)) ^ rotated(words[word - 13], 7) ^ words[word - 6];
    }
    T before[8];
    std::memcpy(before, state, sizeof(before));
    T a = before[0], b = before[1], c = before[2], d = before[3];
    T e = before[4], f = before[5], g = before[6], h = before[7];
    std::uint32_t constant = 0x79cc4519;
    for (std::size_t round = 0; round < 64; ++round) {
        if (round == 16) constant = 0x9d8a7a87;  // 0x7a879d8a, rotated by 16
        const T turned = rotated(a, 12);
        const T first = rotated(turned + e + constant, 7);
        const T majority = round < 16 ? a ^ b ^ c : (a & b) | (c & (a | b));
        const T choice = round < 16 ? e ^ f ^ g : g ^ (e & (f ^ g));
        const T one = majority + d + (first ^ turned) + (words[round] ^ words[round + 4]);
        const T two = choice + h + first + words[round];
        d = c;
        c = rotated(b, 9);
        b = a;
        a = one;
        h = g;
        g = rotated(f, 19);
        f = e;
        e = two ^ rotated(two, 9) ^ rotated(two, 17);
        constant = (constant << 1) | (constant >> 31);
    }
    const T after[8] = {a, b, c, d, e, f, g, h};
    for (std::size_t word = 0; word < 8; ++word) before[word] ^= after[word];
    std::memcpy(state, before, sizeof(before));
}

}  // namespace
